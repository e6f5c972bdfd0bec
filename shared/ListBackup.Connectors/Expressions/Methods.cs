using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>Python's methods of texts, maps, lists and times, as far as the language's sandbox allows them.</summary>
internal static class Methods
{
    public static Value Call(Value subject, string name, Arguments arguments) => subject.Kind switch
    {
        ValueKind.Text => OfText(subject.Text, name, arguments),
        ValueKind.Map => OfMap(subject.Map, name, arguments),
        ValueKind.List => OfList(subject.List, name, arguments),
        ValueKind.Time => OfTime(subject.Time, name, arguments),
        ValueKind.Date => OfDate(subject.Date, name, arguments),
        ValueKind.Duration when name == "total_seconds" => Value.Of(subject.Duration.Span.TotalSeconds),
        _ => throw new UndefinedUseException(),
    };

    private static Value OfText(string text, string name, Arguments arguments) => name switch
    {
        "split" => Split(text, arguments, fromEnd: false),
        "rsplit" => Split(text, arguments, fromEnd: true),
        "splitlines" => Value.Of(text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')),
        "partition" => Partition(text, arguments.Text(0, "sep")),
        "rpartition" => PartitionLast(text, arguments.Text(0, "sep")),
        "join" => Value.Of(PythonText.Join(text, Sequences.Of(arguments.Required(0)).Select(TextItem))),
        "replace" => Value.Of(Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.Find(2, "count"))),
        "lower" or "casefold" => Value.Of(text.ToLowerInvariant()),
        "upper" => Value.Of(text.ToUpperInvariant()),
        "title" => Value.Of(TitleCase(text)),
        "capitalize" => Value.Of(text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant()),
        "strip" => Value.Of(Strip(text, arguments, start: true, end: true)),
        "lstrip" => Value.Of(Strip(text, arguments, start: true, end: false)),
        "rstrip" => Value.Of(Strip(text, arguments, start: false, end: true)),
        "startswith" => Value.Of(Affixes(arguments).Any(affix => text.StartsWith(affix, StringComparison.Ordinal))),
        "endswith" => Value.Of(Affixes(arguments).Any(affix => text.EndsWith(affix, StringComparison.Ordinal))),
        "removeprefix" => Value.Of(arguments.Text(0, "prefix") is { Length: > 0 } prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text),
        "removesuffix" => Value.Of(arguments.Text(0, "suffix") is { Length: > 0 } suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text),
        "find" => Value.Of(text.IndexOf(arguments.Text(0, "sub"), StringComparison.Ordinal)),
        "rfind" => Value.Of(text.LastIndexOf(arguments.Text(0, "sub"), StringComparison.Ordinal)),
        "count" => Value.Of(arguments.Text(0, "sub") is { Length: > 0 } part ? text.Split(part).Length - 1 : text.Length + 1),
        "format" => Value.Of(PythonFormat.Braces(text, arguments)),
        "isdigit" or "isnumeric" or "isdecimal" => Value.Of(text.Length > 0 && text.All(char.IsDigit)),
        "isalpha" => Value.Of(text.Length > 0 && text.All(char.IsLetter)),
        "isalnum" => Value.Of(text.Length > 0 && text.All(char.IsLetterOrDigit)),
        "isupper" => Value.Of(text.Any(char.IsUpper) && !text.Any(char.IsLower)),
        "islower" => Value.Of(text.Any(char.IsLower) && !text.Any(char.IsUpper)),
        "isspace" => Value.Of(text.Length > 0 && text.All(char.IsWhiteSpace)),
        "zfill" => Value.Of(text.StartsWith('-') ? "-" + text[1..].PadLeft(Width(arguments) - 1, '0') : text.PadLeft(Width(arguments), '0')),
        "ljust" => Value.Of(text.PadRight(Width(arguments))),
        "rjust" => Value.Of(text.PadLeft(Width(arguments))),
        "encode" => Value.Of(text),
        _ => throw new UndefinedUseException(),
    };

    private static Value OfMap(ValueMap map, string name, Arguments arguments)
    {
        switch (name)
        {
            case "get":
                var key = arguments.Required(0);
                return map.TryGet(PythonText.Str(key), out var value) ? value : arguments.Find(1, "default") ?? Value.None;
            case "keys":
                return Value.Of(map.Keys);
            case "values":
                return Value.Of(map.Values);
            case "items":
                return Value.Of(map.Select(member => Value.Of(new ValueList([Value.Of(member.Key), member.Value]) { IsTuple = true })));
            case "copy":
                return Value.Of(map.Copy());
            case "update":
                if (arguments.Count > 0 && arguments.Required(0) is { Kind: ValueKind.Map } other)
                {
                    foreach (var (added, member) in other.Map)
                        map.Set(added, member);
                }

                return Value.None;
            case "setdefault":
                if (!map.Has(arguments.Text(0, "key")))
                    map.Set(arguments.Text(0, "key"), arguments.Find(1, "default") ?? Value.None);

                return map[arguments.Text(0, "key")];
            case "pop":
                var popped = map.TryGet(arguments.Text(0, "key"), out var old) ? old
                    : arguments.Find(1, "default") ?? throw new ExpressionException("A key to take out is not there.") { IsOfValue = true };
                map.Remove(arguments.Text(0, "key"));
                return popped;
            default:
                throw new UndefinedUseException();
        }
    }

    private static Value OfList(ValueList list, string name, Arguments arguments)
    {
        switch (name)
        {
            case "append":
                list.Add(arguments.Required(0));
                return Value.None;
            case "extend":
                foreach (var item in Sequences.Of(arguments.Required(0)))
                    list.Add(item);
                return Value.None;
            case "insert":
                list.Insert((int)Math.Clamp(arguments.Required(0).Long, 0, list.Count), arguments.Required(1));
                return Value.None;
            case "pop" when list.Count > 0:
                var at = arguments.Count == 0 ? list.Count - 1 : (int)arguments.Required(0).Long;
                at = at < 0 ? at + list.Count : at;
                if (at < 0 || at >= list.Count)
                    throw new ExpressionException("An index to take out is not there.") { IsOfValue = true };
                var item0 = list[at];
                list.RemoveAt(at);
                return item0;
            case "index":
                for (var index = 0; index < list.Count; index++)
                {
                    if (Operators.AreEqual(list[index], arguments.Required(0)))
                        return Value.Of(index);
                }

                throw new ExpressionException("A value is not in the list.") { IsOfValue = true };
            case "count":
                return Value.Of(list.Count(item => Operators.AreEqual(item, arguments.Required(0))));
            case "copy":
                return Value.Of((IEnumerable<Value>)list);
            default:
                throw new UndefinedUseException();
        }
    }

    private static Value OfTime(Moment moment, string name, Arguments arguments) => name switch
    {
        "strftime" => Value.Of(Times.Strftime(moment, arguments.Text(0, "format"))),
        "isoformat" => Value.Of(Times.Iso(moment, (arguments.TextOrNull(0, "sep") ?? "T")[0], arguments.TextOrNull(1, "timespec") ?? "auto")),
        "timestamp" => Value.Of(Times.Timestamp(moment.At)),
        "date" => Value.Of(DateOnly.FromDateTime(moment.At.DateTime)),
        "weekday" => Value.Of(((int)moment.At.DayOfWeek + 6) % 7),
        "isoweekday" => Value.Of((((int)moment.At.DayOfWeek + 6) % 7) + 1),
        "replace" => Value.Of(Replaced(moment, arguments)),
        _ => throw new UndefinedUseException(),
    };

    private static Value OfDate(DateOnly date, string name, Arguments arguments) => name switch
    {
        "strftime" => Value.Of(Times.Strftime(new Moment(new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), false), arguments.Text(0, "format"))),
        "isoformat" => Value.Of(PythonText.Str(Value.Of(date))),
        "weekday" => Value.Of(((int)date.DayOfWeek + 6) % 7),
        "isoweekday" => Value.Of((((int)date.DayOfWeek + 6) % 7) + 1),
        _ => throw new UndefinedUseException(),
    };

    private static Moment Replaced(Moment moment, Arguments arguments)
    {
        var at = moment.At;
        try
        {
            var clock = new DateTime(
                Part(0, "year", at.Year), Part(1, "month", at.Month), Part(2, "day", at.Day), Part(3, "hour", at.Hour), Part(4, "minute", at.Minute),
                Part(5, "second", at.Second), DateTimeKind.Unspecified);

            return moment with { At = new DateTimeOffset(clock.AddMicroseconds(Part(6, "microsecond", (int)Times.Micros(at))), at.Offset) };
        }
        catch (ArgumentException)
        {
            throw new ExpressionException("A part of a time is out of its range.") { IsOfValue = true };
        }

        int Part(int position, string name, int old) => arguments.Find(position, name) is { Kind: ValueKind.Integer } value ? (int)value.Long : old;
    }

    private static Value Split(string text, Arguments arguments, bool fromEnd)
    {
        var separator = arguments.TextOrNull(0, "sep");
        var most = arguments.Find(1, "maxsplit") is { Kind: ValueKind.Integer } limit && limit.Long >= 0 ? (int)Math.Min(limit.Long, int.MaxValue - 1) : int.MaxValue - 1;
        if (separator is null)
        {
            var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

            return most >= words.Length ? Value.Of(words) : Value.Of(text.TrimStart().Split((char[]?)null, most + 1, StringSplitOptions.RemoveEmptyEntries));
        }

        if (separator.Length == 0)
            throw new ExpressionException("A separator is empty.");
        if (!fromEnd || most == int.MaxValue - 1)
            return Value.Of(text.Split(separator, most + 1));

        var parts = text.Split(separator);
        var head = Math.Max(0, parts.Length - most);

        return Value.Of(head <= 1 ? parts : [string.Join(separator, parts[..head]), .. parts[head..]]);
    }

    private static Value Partition(string text, string separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        string[] parts = at < 0 ? [text, "", ""] : [text[..at], separator, text[(at + separator.Length)..]];

        return Value.Of(new ValueList(parts.Select(Value.Of)) { IsTuple = true });
    }

    private static Value PartitionLast(string text, string separator)
    {
        var at = text.LastIndexOf(separator, StringComparison.Ordinal);
        string[] parts = at < 0 ? ["", "", text] : [text[..at], separator, text[(at + separator.Length)..]];

        return Value.Of(new ValueList(parts.Select(Value.Of)) { IsTuple = true });
    }

    private static string Replace(string text, string old, string with, Value? count)
    {
        if (text.Length + ((long)with.Length * text.Length) > PythonText.CharactersMax && text.Length > 0)
            throw new ExpressionException("A text is too long.");
        if (old.Length == 0)
            return text;
        if (count is not { Kind: ValueKind.Integer } limit || limit.Long < 0)
            return text.Replace(old, with, StringComparison.Ordinal);

        return string.Join(with, text.Split(old, (int)Math.Min(limit.Long + 1, int.MaxValue)));
    }

    private static string Strip(string text, Arguments arguments, bool start, bool end)
    {
        var characters = arguments.TextOrNull(0, "chars")?.ToCharArray();
        if (start)
            text = characters is null ? text.TrimStart() : text.TrimStart(characters);
        if (end)
            text = characters is null ? text.TrimEnd() : text.TrimEnd(characters);

        return text;
    }

    internal static string TitleCase(string text)
    {
        var result = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var character in text)
        {
            result.Append(inWord ? char.ToLowerInvariant(character) : char.ToUpperInvariant(character));
            inWord = char.IsLetter(character);
        }

        return result.ToString();
    }

    private static IEnumerable<string> Affixes(Arguments arguments) => arguments.Required(0) switch
    {
        { IsText: true } one => [one.Text],
        { Kind: ValueKind.List } many => many.List.Select(TextItem),
        _ => throw new TypeMismatchException("a text is wanted"),
    };

    private static string TextItem(Value item) => item.IsText ? item.Text : throw new TypeMismatchException("a sequence of texts is wanted");

    private static int Width(Arguments arguments) =>
        arguments.Required(0) is { Kind: ValueKind.Integer } width ? (int)Math.Clamp(width.Long, 0, 100_000) : throw new TypeMismatchException("a width is wanted");
}
