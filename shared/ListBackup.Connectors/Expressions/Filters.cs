using System.Globalization;
using System.Numerics;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>What can stand after a bar: Jinja's own filters and those that the language adds.</summary>
internal static class Filters
{
    public static Filter? Find(string name) => name switch
    {
        "abs" => static (_, subject, _) => subject.Kind == ValueKind.Float ? Value.Of(Math.Abs(subject.Double)) : Value.Of(BigInteger.Abs(Whole(subject))),
        "attr" => static (_, subject, arguments) => Members.Get(subject, arguments.Required(0)),
        "capitalize" => static (_, subject, _) => Methods.Call(AsText(subject), "capitalize", Arguments.None),
        "count" or "length" => static (_, subject, _) => Value.Of(Length(subject)),
        "d" or "default" => static (_, subject, arguments) => Default(subject, arguments),
        "dictsort" => static (_, subject, _) => Value.Of(MapOf(subject).OrderBy(member => member.Key, StringComparer.OrdinalIgnoreCase).Select(Pair)),
        "e" or "escape" or "forceescape" => static (_, subject, _) => Value.Of(Escape(PythonText.Str(subject))),
        "first" => static (_, subject, _) => Sequences.Of(subject) is { Count: > 0 } items ? items[0] : Value.Undefined,
        "last" => static (_, subject, _) => Sequences.Of(subject) is { Count: > 0 } items ? items[^1] : Value.Undefined,
        "float" => static (_, subject, arguments) => ToFloat(subject, arguments.Find(0, "default") ?? Value.Of(0.0)),
        "int" => static (_, subject, arguments) => ToInteger(subject, arguments.Find(0, "default") ?? Value.Of(0), arguments.Find(1, "base")),
        "format" => static (_, subject, arguments) => Value.Of(PythonFormat.Percent(PythonText.Str(subject), Value.Of(new ValueList(arguments.Positional) { IsTuple = true }))),
        "items" => static (_, subject, _) => subject.IsUndefined ? Value.Of(new ValueList()) : Value.Of(MapOf(subject).Select(Pair)),
        "join" => static (_, subject, arguments) => Join(subject, arguments),
        "list" => static (_, subject, _) => Value.Of((IEnumerable<Value>)Sequences.Of(subject)),
        "lower" => static (_, subject, _) => Value.Of(PythonText.Str(subject).ToLowerInvariant()),
        "upper" => static (_, subject, _) => Value.Of(PythonText.Str(subject).ToUpperInvariant()),
        "title" => static (_, subject, _) => Value.Of(Methods.TitleCase(PythonText.Str(subject))),
        "map" => Map,
        "max" => static (_, subject, _) => Extreme(subject, 1),
        "min" => static (_, subject, _) => Extreme(subject, -1),
        "reject" => static (_, subject, arguments) => Select(subject, arguments, keep: false),
        "select" => static (_, subject, arguments) => Select(subject, arguments, keep: true),
        "rejectattr" => static (_, subject, arguments) => SelectAttribute(subject, arguments, keep: false),
        "selectattr" => static (_, subject, arguments) => SelectAttribute(subject, arguments, keep: true),
        "replace" => static (_, subject, arguments) => Methods.Call(
            AsText(subject), "replace", new Arguments([AsText(arguments.Required(0)), AsText(arguments.Required(1)), .. arguments.Positional.Skip(2)], [])),
        "reverse" => static (_, subject, _) => subject.IsText ? Value.Of(new string([.. subject.Text.Reverse()])) : Value.Of(Sequences.Of(subject).Reverse()),
        "round" => static (_, subject, arguments) => Round(subject, arguments),
        "safe" => static (_, subject, _) => subject,
        "sort" => static (_, subject, arguments) => Sort(subject, arguments),
        "string" => static (_, subject, _) => ToText(subject),
        "sum" => static (_, subject, arguments) => Sum(subject, arguments),
        "tojson" => static (_, subject, _) => Value.Of(PythonJson.Dump(subject, sorted: true, htmlSafe: true)),
        "trim" => static (_, subject, arguments) => Methods.Call(AsText(subject), "strip", arguments),
        "truncate" => static (_, subject, arguments) => Truncate(PythonText.Str(subject), arguments),
        "unique" => static (_, subject, _) => Unique(subject),
        "urlencode" => static (_, subject, _) => UrlEncode(subject),
        "wordcount" => static (_, subject, _) => Value.Of(PythonText.Str(subject).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length),

        "base64encode" => static (_, subject, _) => Value.Of(Convert.ToBase64String(Bytes(subject))),
        "base64decode" => static (_, subject, _) => Value.Of(Encoding.UTF8.GetString(Encodings.FromBase64(TextOf(subject)))),
        "base64binascii_decode" => static (_, subject, _) => Value.Of(Encoding.UTF8.GetString(Encodings.FromBase64(TextOf(subject)))),
        "hash" => static (_, subject, arguments) => Value.Of(Encodings.Digest(
            arguments.TextOrNull(0, "hash_type") ?? "md5", Encoding.UTF8.GetBytes(PythonText.Str(subject) + arguments.TextOrNull(1, "salt")))),
        "hmac" => static (_, subject, arguments) => Value.Of(Encodings.Hmac(
            arguments.TextOrNull(1, "hash_type") ?? "sha256", Encoding.UTF8.GetBytes(arguments.Text(0, "key")), Bytes(subject))),
        "regex_search" => static (_, subject, arguments) => RegexSearch(subject, arguments.Text(0, "regex")),
        _ => null,
    };

    public static Filter Get(string name) => Find(name) ?? throw new ExpressionException("A filter is not known.");

    /// <summary>What is no text becomes JSON in triple quotes, so that the language's literal rule takes it for a text: 7 becomes "7".</summary>
    private static Value ToText(Value subject) => subject.IsText ? subject : Value.Of($"\"\"\"{PythonJson.Dump(subject)}\"\"\"");

    private static Value Default(Value subject, Arguments arguments)
    {
        var whenFalse = arguments.Find(1, "boolean") is { IsTrue: true };

        return subject.IsUndefined || (whenFalse && !subject.IsTrue) ? arguments.Find(0, "default_value") ?? Value.Of("") : subject;
    }

    private static Value Map(Frame frame, Value subject, Arguments arguments)
    {
        var items = ItemsOrNone(subject);
        if (arguments.Named("attribute") is { } attribute)
        {
            var fallback = arguments.Named("default");

            return Value.Of(items.Select(item => Attribute(item, attribute) is { IsUndefined: false } found ? found : fallback ?? Value.Undefined));
        }

        var filter = Get(arguments.Text(0, "filter"));
        var rest = arguments.Rest();

        return Value.Of(items.Select(item =>
        {
            frame.Step();

            return frame.Made(filter(frame, item, rest));
        }));
    }

    private static Value Select(Value subject, Arguments arguments, bool keep)
    {
        var items = ItemsOrNone(subject);
        if (arguments.Count == 0)
            return Value.Of(items.Where(item => item.IsTrue == keep));
        var test = Tests.Get(arguments.Text(0, "test"));
        var rest = arguments.Rest();

        return Value.Of(items.Where(item => test(item, rest) == keep));
    }

    private static Value SelectAttribute(Value subject, Arguments arguments, bool keep)
    {
        var items = ItemsOrNone(subject);
        var attribute = arguments.Required(0);
        if (arguments.Count == 1)
            return Value.Of(items.Where(item => Attribute(item, attribute).IsTrue == keep));
        var test = Tests.Get(arguments.Text(1, "test"));
        var rest = arguments.Rest().Rest();

        return Value.Of(items.Where(item => test(Attribute(item, attribute), rest) == keep));
    }

    /// <summary>Jinja's filters over sequences take everything that is false for an empty one.</summary>
    private static IReadOnlyList<Value> ItemsOrNone(Value subject) => subject.IsTrue ? Sequences.Of(subject) : [];

    /// <summary>Jinja splits the attribute of a filter at its dots.</summary>
    private static Value Attribute(Value item, Value attribute)
    {
        if (!attribute.IsText)
            return Members.Get(item, attribute);
        foreach (var part in attribute.Text.Split('.'))
            item = Members.Get(item, int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Value.Of(index) : Value.Of(part));

        return item;
    }

    private static Value Join(Value subject, Arguments arguments)
    {
        var items = Sequences.Of(subject).AsEnumerable();
        if (arguments.Find(1, "attribute") is { } attribute)
            items = items.Select(item => Attribute(item, attribute));

        return Value.Of(PythonText.Join(arguments.TextOrNull(0, "d") ?? "", items.Select(PythonText.Str)));
    }

    private static Value ToInteger(Value subject, Value fallback, Value? radix)
    {
        switch (subject.Kind)
        {
            case ValueKind.Boolean or ValueKind.Integer:
                return Value.Of(subject.Integer);
            case ValueKind.Float when double.IsFinite(subject.Double):
                return Value.Of(new BigInteger(subject.Double));
            case ValueKind.Text:
                var text = subject.Text.Trim().Replace("_", "", StringComparison.Ordinal);
                if (radix is { Kind: ValueKind.Integer, Long: 16 })
                {
                    var hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;

                    return BigInteger.TryParse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? Value.Of(number) : fallback;
                }

                if (text.Length <= 4300 && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                    return Value.Of(whole);

                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
                    ? Value.Of(new BigInteger(real))
                    : fallback;
            case var _ when subject.IsUndefined:
                throw new UndefinedUseException();
            default:
                return fallback;
        }
    }

    private static Value ToFloat(Value subject, Value fallback) => subject.Kind switch
    {
        ValueKind.Float => subject,
        ValueKind.Boolean or ValueKind.Integer => Value.Of(subject.Double),
        ValueKind.Text => double.TryParse(
            subject.Text.Trim().Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? Value.Of(number)
            : fallback,
        _ when subject.IsUndefined => throw new UndefinedUseException(),
        _ => fallback,
    };

    private static Value Round(Value subject, Arguments arguments)
    {
        if (!subject.IsNumber)
            throw subject.IsUndefined ? new UndefinedUseException() : new TypeMismatchException("round");
        var digits = arguments.Find(0, "precision") is { Kind: ValueKind.Integer } precision ? (int)Math.Clamp(precision.Long, 0, 15) : 0;
        var factor = Math.Pow(10, digits);

        return Value.Of((arguments.TextOrNull(1, "method") ?? "common") switch
        {
            "ceil" => Math.Ceiling(subject.Double * factor) / factor,
            "floor" => Math.Floor(subject.Double * factor) / factor,
            _ => Math.Round(subject.Double, digits, MidpointRounding.ToEven),
        });
    }

    private static Value Sort(Value subject, Arguments arguments)
    {
        var reverse = arguments.Find(0, "reverse") is { IsTrue: true };
        var attribute = arguments.Find(2, "attribute");
        var caseSensitive = arguments.Find(1, "case_sensitive") is { IsTrue: true };
        var comparer = Comparer<Value>.Create((left, right) => Operators.Compare(Key(left), Key(right)));
        var sorted = reverse ? Sequences.Of(subject).OrderDescending(comparer) : Sequences.Of(subject).Order(comparer);
        try
        {
            return Value.Of(sorted.ToArray());
        }
        catch (InvalidOperationException exception) when (exception.InnerException is TypeMismatchException or UndefinedUseException)
        {
            throw exception.InnerException;
        }

        Value Key(Value item)
        {
            var key = attribute is { } name ? Attribute(item, name) : item;

            return key.IsText && !caseSensitive ? Value.Of(key.Text.ToLowerInvariant()) : key;
        }
    }

    private static Value Sum(Value subject, Arguments arguments)
    {
        var sum = arguments.Find(1, "start") ?? Value.Of(0);
        foreach (var item in Sequences.Of(subject))
            sum = Operators.Add(sum, arguments.Find(0, "attribute") is { IsNone: false } attribute ? Attribute(item, attribute) : item);

        return sum;
    }

    private static Value Extreme(Value subject, int direction)
    {
        var items = Sequences.Of(subject);
        if (items.Count == 0)
            return Value.Undefined;
        var best = items[0];
        foreach (var item in items)
        {
            if (Operators.Compare(item, best) * direction > 0)
                best = item;
        }

        return best;
    }

    private static Value Unique(Value subject)
    {
        var unique = new ValueList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in Sequences.Of(subject))
        {
            if (seen.Add(item.IsText ? "t" + item.Text.ToLowerInvariant() : "v" + PythonText.Repr(item)))
                unique.Add(item);
        }

        return Value.Of(unique);
    }

    private static Value Truncate(string text, Arguments arguments)
    {
        var length = arguments.Find(0, "length") is { Kind: ValueKind.Integer } limit ? (int)Math.Clamp(limit.Long, 0, int.MaxValue) : 255;
        var killWords = arguments.Find(1, "killwords") is { IsTrue: true };
        var end = arguments.TextOrNull(2, "end") ?? "...";
        var leeway = arguments.Find(3, "leeway") is { Kind: ValueKind.Integer } more ? (int)more.Long : 5;
        if (text.Length <= length + leeway)
            return Value.Of(text);

        var cut = text[..Math.Max(0, length - end.Length)];
        var blank = cut.LastIndexOf(' ');

        return Value.Of((killWords || blank < 0 ? cut : cut[..blank]) + end);
    }

    private static Value UrlEncode(Value subject)
    {
        if (subject.Kind == ValueKind.Map)
            return Value.Of(string.Join('&', subject.Map.Select(member => $"{Plus(member.Key)}={Plus(PythonText.Str(member.Value))}")));

        return Value.Of(Encodings.Quote(PythonText.Str(subject), "/"));

        static string Plus(string text) => Encodings.Quote(text, "").Replace("%20", "+", StringComparison.Ordinal);
    }

    private static Value RegexSearch(Value subject, string pattern)
    {
        if (!subject.IsText)
            throw subject.IsUndefined ? new TypeMismatchException("regex_search of undefined") : new TypeMismatchException("regex_search");
        var match = Patterns.Search(pattern, subject.Text);

        return match.Success && match.Groups.Count > 1 && match.Groups[1].Success ? Value.Of(match.Groups[1].Value) : Value.None;
    }

    private static string Escape(string text) => new StringBuilder(text)
        .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;").ToString();

    private static int Length(Value subject) => subject.Kind switch
    {
        ValueKind.Text => subject.Text.EnumerateRunes().Count(),
        ValueKind.List => subject.List.Count,
        ValueKind.Map => subject.Map.Count,
        _ when subject.IsUndefined => 0,
        _ => throw new TypeMismatchException($"{subject.TypeName} has no length"),
    };

    private static Value AsText(Value subject) => subject.IsText ? subject : Value.Of(PythonText.Str(subject));

    private static string TextOf(Value subject) => subject.IsText ? subject.Text
        : subject.IsUndefined ? throw new UndefinedUseException() : throw new TypeMismatchException("a text is wanted");

    private static byte[] Bytes(Value subject) => Encoding.UTF8.GetBytes(TextOf(subject));

    private static BigInteger Whole(Value subject) => subject.IsNumber ? subject.Integer
        : subject.IsUndefined ? throw new UndefinedUseException() : throw new TypeMismatchException("a number is wanted");

    private static ValueMap MapOf(Value subject) => subject.Kind == ValueKind.Map ? subject.Map : throw new TypeMismatchException("a map is wanted");

    private static Value Pair(KeyValuePair<string, Value> member) => Value.Of(new ValueList([Value.Of(member.Key), member.Value]) { IsTuple = true });
}
