using System.Text;

namespace ListBackup.Connectors.Expressions;

internal enum TokenKind
{
    Text,
    OutputStart,
    OutputEnd,
    BlockStart,
    BlockEnd,
    Name,
    Quoted,
    Integer,
    Float,
    Sign,
    End,
}

internal readonly record struct Token(TokenKind Kind, string Text, int Position);

/// <summary>Cuts a template into tokens by Jinja's rules: minus signs at the borders eat white space, comments vanish.</summary>
internal static class Lexer
{
    private const int TokensMax = 100_000;

    public static List<Token> Cut(string source)
    {
        var tokens = new List<Token>();
        var at = 0;
        var strip = false;

        // Jinja drops one line break at the very end.
        var end = source.EndsWith("\r\n", StringComparison.Ordinal) ? source.Length - 2 : source.EndsWith('\n') ? source.Length - 1 : source.Length;
        while (at < end)
        {
            var open = NextOpening(source, at, end);
            var text = source[at..open];
            if (strip)
                text = text.TrimStart();
            if (open >= end)
            {
                AddText(tokens, text, at);
                break;
            }

            var trimBefore = open + 2 < end && source[open + 2] == '-';
            AddText(tokens, trimBefore ? text.TrimEnd() : text, at);
            at = open + (trimBefore || (open + 2 < end && source[open + 2] == '+') ? 3 : 2);
            switch (source[open + 1])
            {
                case '#':
                    at = Comment(source, at, out strip);
                    break;
                case '%' when RawBlock(source, at) is { } raw:
                    AddText(tokens, raw.Text, at);
                    at = raw.End;
                    strip = raw.Strip;
                    break;
                default:
                    at = Inside(source, at, source[open + 1] == '%', tokens, open, out strip);
                    break;
            }
        }

        tokens.Add(new Token(TokenKind.End, "", source.Length));

        return tokens;
    }

    private static int NextOpening(string source, int at, int end)
    {
        while (at < end - 1)
        {
            at = source.IndexOf('{', at);
            if (at < 0 || at >= end - 1)
                return end;
            if (source[at + 1] is '{' or '%' or '#')
                return at;
            at++;
        }

        return end;
    }

    private static void AddText(List<Token> tokens, string text, int position)
    {
        if (text.Length > 0)
            tokens.Add(new Token(TokenKind.Text, text, position));
    }

    private static int Comment(string source, int at, out bool strip)
    {
        var close = source.IndexOf("#}", at, StringComparison.Ordinal);
        if (close < 0)
            throw new ExpressionException("A comment is not closed.");
        strip = close > at && source[close - 1] == '-';

        return close + 2;
    }

    private static (string Text, int End, bool Strip)? RawBlock(string source, int at)
    {
        var open = System.Text.RegularExpressions.Regex.Match(source[at..Math.Min(source.Length, at + 40)], @"^\s*raw\s*(-?)%\}");
        if (!open.Success)
            return null;

        var start = at + open.Length;
        var close = System.Text.RegularExpressions.Regex.Match(source[start..], @"\{%(-?)\s*endraw\s*(-?)%\}");
        if (!close.Success)
            throw new ExpressionException("A raw block is not closed.");
        var text = source.Substring(start, close.Index);
        if (open.Groups[1].Length > 0)
            text = text.TrimStart();
        if (close.Groups[1].Length > 0)
            text = text.TrimEnd();

        return (text, start + close.Index + close.Length, close.Groups[2].Length > 0);
    }

    private static int Inside(string source, int at, bool block, List<Token> tokens, int open, out bool strip)
    {
        tokens.Add(new Token(block ? TokenKind.BlockStart : TokenKind.OutputStart, "", open));
        var close = block ? "%}" : "}}";
        var braces = 0;
        while (true)
        {
            while (at < source.Length && char.IsWhiteSpace(source[at]))
                at++;
            if (at >= source.Length)
                throw new ExpressionException($"An expression that starts at character {open + 1} is not closed.");
            if (tokens.Count > TokensMax)
                throw new ExpressionException("A template is too long.");

            strip = source[at] == '-' && string.CompareOrdinal(source, at + 1, close, 0, 2) == 0;
            if (braces == 0 && (strip || string.CompareOrdinal(source, at, close, 0, 2) == 0))
            {
                tokens.Add(new Token(block ? TokenKind.BlockEnd : TokenKind.OutputEnd, "", at));

                return at + (strip ? 3 : 2);
            }

            var token = Next(source, ref at);
            if (token.Text is "{" or "(" or "[" && token.Kind == TokenKind.Sign)
                braces++;
            else if (token.Text is "}" or ")" or "]" && token.Kind == TokenKind.Sign)
                braces = Math.Max(0, braces - 1);
            tokens.Add(token);
        }
    }

    private static Token Next(string source, ref int at)
    {
        var start = at;
        var first = source[at];
        if (char.IsLetter(first) || first == '_')
        {
            while (at < source.Length && (char.IsLetterOrDigit(source[at]) || source[at] == '_'))
                at++;

            return new Token(TokenKind.Name, source[start..at], start);
        }

        if (char.IsAsciiDigit(first))
            return Number(source, ref at);
        if (first is '\'' or '"')
            return Quoted(source, ref at);

        var two = at + 1 < source.Length ? source.Substring(at, 2) : "";
        if (two is "==" or "!=" or "<=" or ">=" or "**" or "//")
        {
            at += 2;

            return new Token(TokenKind.Sign, two, start);
        }

        if ("+-*/%~<>=()[]{}.,:|".Contains(first))
        {
            at++;

            return new Token(TokenKind.Sign, first.ToString(), start);
        }

        throw new ExpressionException($"Character {start + 1}, '{first}', has no meaning there.");
    }

    private static Token Number(string source, ref int at)
    {
        var start = at;
        var real = false;
        while (at < source.Length && (char.IsAsciiDigit(source[at]) || source[at] == '_'))
            at++;
        if (at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]))
        {
            real = true;
            at++;
            while (at < source.Length && char.IsAsciiDigit(source[at]))
                at++;
        }

        if (at < source.Length && source[at] is 'e' or 'E')
        {
            var after = at + 1 < source.Length && source[at + 1] is '+' or '-' ? at + 2 : at + 1;
            if (after < source.Length && char.IsAsciiDigit(source[after]))
            {
                real = true;
                at = after;
                while (at < source.Length && char.IsAsciiDigit(source[at]))
                    at++;
            }
        }

        return new Token(real ? TokenKind.Float : TokenKind.Integer, source[start..at].Replace("_", "", StringComparison.Ordinal), start);
    }

    private static Token Quoted(string source, ref int at)
    {
        var start = at;
        var quote = source[at++];
        var text = new StringBuilder();
        while (at < source.Length && source[at] != quote)
        {
            if (source[at] == '\\' && at + 1 < source.Length)
            {
                at += PythonEscapes.Read(source, at, text);
            }
            else
            {
                text.Append(source[at++]);
            }
        }

        if (at >= source.Length)
            throw new ExpressionException($"The text that starts at character {start + 1} is not closed.");
        at++;

        return new Token(TokenKind.Quoted, text.ToString(), start);
    }
}
