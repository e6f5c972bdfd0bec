using System.Globalization;
using System.Numerics;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>The language's rule that a rendered text which reads as a Python literal becomes that literal.</summary>
internal static class PythonLiteral
{
    private const int DepthMax = 64;

    /// <summary>Texts longer than this stay texts: nobody writes such a literal, and a page of content must not be parsed for nothing.</summary>
    private const int CharactersMax = 1024 * 1024;

    /// <summary>The literal, or null when the text is no literal.</summary>
    public static Value? Read(string text)
    {
        if (text.Length == 0 || text.Length > CharactersMax || !MayStart(text))
            return null;

        var reader = new Reader(text);
        var value = reader.Document();

        return reader.Failed ? null : value;
    }

    private static bool MayStart(string text)
    {
        var first = text.AsSpan().TrimStart();

        return first.Length > 0 && (char.IsAsciiDigit(first[0]) || "+-.([{'\"TFNrRuU#".Contains(first[0]));
    }

    private ref struct Reader(string text)
    {
        private readonly string _text = text;
        private int _at;
        private int _depth;
        private int _brackets;

        public bool Failed { get; private set; }

        public Value Document()
        {
            BlankLines();
            var value = Tuple();
            Blank();
            while (!Failed && _at < _text.Length && _text[_at] is '\n' or '\r')
            {
                _at++;
                Blank();
            }

            return _at < _text.Length ? Fail() : value;
        }

        /// <summary>Blanks at the very start and lines with nothing in them may stand before a literal; an indented line may not.</summary>
        private void BlankLines()
        {
            Blank();
            while (_at < _text.Length && _text[_at] is '\n' or '\r')
            {
                _at++;
                var line = _at;
                Blank();
                if (_at > line && _at < _text.Length && _text[_at] is not ('\n' or '\r'))
                    Fail();
            }
        }

        /// <summary>A value, or values with commas between them.</summary>
        private Value Tuple()
        {
            var first = Item();
            Blank();
            if (Failed || _at >= _text.Length || _text[_at] != ',')
                return first;

            var items = new List<Value> { first };
            while (!Failed && _at < _text.Length && _text[_at] == ',')
            {
                _at++;
                Blank();
                if (_at >= _text.Length || _text[_at] is ')' or '\n')
                    break;
                items.Add(Item());
                Blank();
            }

            return Value.Of(new ValueList(items) { IsTuple = true });
        }

        private Value Item()
        {
            if (Failed || ++_depth > DepthMax)
                return Fail();

            Blank();
            var value = _at >= _text.Length ? Fail() : _text[_at] switch
            {
                '[' => List(),
                '(' => Round(),
                '{' => Map(),
                '\'' or '"' => Texts(),
                'r' or 'R' or 'u' or 'U' => Texts(),
                '+' or '-' => Signed(),
                '.' => Number(),
                var digit when char.IsAsciiDigit(digit) => Number(),
                _ => Name(),
            };
            _depth--;

            return value;
        }

        private Value List()
        {
            var items = new ValueList();
            Open();
            while (!Failed && !Close(']'))
            {
                items.Add(Item());
                Separator(']');
            }

            return Value.Of(items);
        }

        private Value Round()
        {
            Open();
            if (Close(')'))
                return Value.Of(new ValueList { IsTuple = true });
            var value = Tuple();
            Blank();

            return Close(')') ? value : Fail();
        }

        private Value Map()
        {
            var map = new ValueMap();
            Open();
            while (!Failed && !Close('}'))
            {
                var key = Item();
                Blank();
                if (_at >= _text.Length || _text[_at] != ':' || key.Kind is ValueKind.List or ValueKind.Map)
                    return Fail();
                _at++;
                var value = Item();
                if (!Failed)
                    map.Set(PythonText.Str(key), value);
                Separator('}');
            }

            return Value.Of(map);
        }

        private void Open()
        {
            _at++;
            _brackets++;
            Blank();
        }

        private bool Close(char bracket)
        {
            Blank();
            if (_at >= _text.Length)
            {
                Fail();
                return true;
            }

            if (_text[_at] != bracket)
                return false;
            _at++;
            _brackets--;

            return true;
        }

        private void Separator(char bracket)
        {
            Blank();
            if (_at < _text.Length && _text[_at] == ',')
                _at++;
            else if (_at >= _text.Length || _text[_at] != bracket)
                Fail();
            Blank();
        }

        private Value Signed()
        {
            var negative = _text[_at++] == '-';
            Blank();
            if (_at >= _text.Length || !(char.IsAsciiDigit(_text[_at]) || _text[_at] is '.' or '-' or '+'))
                return Fail();
            var value = _text[_at] is '-' or '+' ? Signed() : Number();
            if (Failed || !negative)
                return value;

            return value.Kind == ValueKind.Integer
                ? Value.Of(-value.Integer)
                : Value.Of(-value.Double, value.FloatSource is { } source && source[0] != '-' ? "-" + source : null);
        }

        private Value Number()
        {
            var start = _at;
            if (_text[_at] == '0' && _at + 1 < _text.Length && _text[_at + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
                return Radix();

            while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '_'))
                _at++;
            var real = false;
            if (_at < _text.Length && _text[_at] == '.')
            {
                real = true;
                _at++;
                while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '_'))
                    _at++;
            }

            if (_at < _text.Length && _text[_at] is 'e' or 'E')
            {
                real = true;
                _at++;
                if (_at < _text.Length && _text[_at] is '+' or '-')
                    _at++;
                if (_at >= _text.Length || !char.IsAsciiDigit(_text[_at]))
                    return Fail();
                while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '_'))
                    _at++;
            }

            // A name right after digits is no number: "2nd", "7f3a".
            if (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '.'))
                return Fail();

            var source = _text[start.._at];
            if (source.EndsWith('_') || source.Contains("__", StringComparison.Ordinal) || source == ".")
                return Fail();
            var digits = source.Replace("_", "", StringComparison.Ordinal);
            if (real)
            {
                return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    ? Value.Of(number, digits)
                    : Fail();
            }

            // Python refuses "007" but takes "000".
            if (digits.Length > 1 && digits[0] == '0' && digits.AsSpan().IndexOfAnyExcept('0') >= 0)
                return Fail();
            if (digits.Length > 4300)
                return Fail();

            return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var small)
                ? Value.Of(small)
                : Value.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture));
        }

        private Value Radix()
        {
            var bits = _text[_at + 1] is 'x' or 'X' ? 4 : _text[_at + 1] is 'o' or 'O' ? 3 : 1;
            _at += 2;
            var number = BigInteger.Zero;
            var count = 0;
            while (_at < _text.Length && char.IsAsciiHexDigit(_text[_at]) && Convert.ToInt32(_text[_at].ToString(), 16) < 1 << bits)
            {
                number = (number << bits) + Convert.ToInt32(_text[_at].ToString(), 16);
                _at++;
                if (++count > 1000)
                    return Fail();
            }

            return count == 0 || (_at < _text.Length && char.IsLetterOrDigit(_text[_at])) ? Fail() : Value.Of(number);
        }

        /// <summary>One text, or several side by side, which Python joins.</summary>
        private Value Texts()
        {
            var all = new StringBuilder();
            var any = false;
            while (!Failed && _at < _text.Length)
            {
                var raw = _text[_at] is 'r' or 'R';
                var prefix = raw || _text[_at] is 'u' or 'U' ? 1 : 0;
                if (_at + prefix >= _text.Length || _text[_at + prefix] is not ('\'' or '"'))
                    return any && prefix == 0 ? Value.Of(all.ToString()) : Fail();
                _at += prefix;
                OneText(all, raw);
                any = true;
                Blank();
            }

            return Value.Of(all.ToString());
        }

        private void OneText(StringBuilder output, bool raw)
        {
            var quote = _text[_at];
            var triple = _at + 2 < _text.Length && _text[_at + 1] == quote && _text[_at + 2] == quote;
            _at += triple ? 3 : 1;
            while (_at < _text.Length)
            {
                var character = _text[_at];
                if (character == quote && (!triple || (_at + 2 < _text.Length && _text[_at + 1] == quote && _text[_at + 2] == quote)))
                {
                    _at += triple ? 3 : 1;
                    return;
                }

                if (character == '\n' && !triple)
                    break;
                if (character == '\\' && _at + 1 < _text.Length)
                {
                    if (raw)
                        output.Append(character).Append(_text[_at + 1]);
                    _at += raw ? 2 : PythonEscapes.Read(_text, _at, output);
                    continue;
                }

                output.Append(character);
                _at++;
            }

            Fail();
        }

        private Value Name()
        {
            var start = _at;
            while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] == '_'))
                _at++;

            return _text.AsSpan(start, _at - start) switch
            {
                "None" => Value.None,
                "True" => Value.True,
                "False" => Value.False,
                _ => Fail(),
            };
        }

        private void Blank()
        {
            while (_at < _text.Length && (_text[_at] is ' ' or '\t' or '\f' || (_brackets > 0 && _text[_at] is '\n' or '\r')))
                _at++;
            if (_at < _text.Length && _text[_at] == '#')
            {
                while (_at < _text.Length && _text[_at] != '\n')
                    _at++;
                if (_brackets > 0)
                    Blank();
            }
        }

        private Value Fail()
        {
            Failed = true;

            return Value.None;
        }
    }
}
