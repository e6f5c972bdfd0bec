using System.Globalization;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Searching;

/// <summary>What a person typed, as conditions that all must hold (docs/guide/command-line.md, "Searching").</summary>
internal sealed class SearchConditions
{
    private SearchConditions(IReadOnlyList<SearchCondition> all) => All = all;

    public IReadOnlyList<SearchCondition> All { get; }

    /// <summary>
    /// <c>ada</c>: a word that begins so; <c>"ada lovelace"</c>: these words; <c>email:ada@example.org</c>: the field is that; <c>name:ada*</c>: it
    /// begins so; <c>has:email</c>: it is there and not null; digits of a telephone number, however it is written.
    /// </summary>
    public static SearchConditions Parse(string text)
    {
        var conditions = new List<SearchCondition>();
        var tokens = TokensOf(text);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Field is { } field) conditions.Add(FieldOf(field, token.Text));
            else if (!token.IsQuoted && token.Text is ['+' or '0' or '(', ..] && PhoneRun(tokens, i) is { Count: > 1 } run)
            {
                conditions.Add(new PhoneCondition(run.Digits, null));
                i += run.Count - 1;
            }
            else if (WordsOf(token) is { } words)
            {
                conditions.Add(SearchFolding.PhoneDigits(token.Text) is { } digits ? new PhoneCondition(digits, words) : words);
            }
        }

        return new SearchConditions(conditions);
    }

    /// <summary>Whether the record itself fulfils all of them. What the index says is only where to look.</summary>
    public bool Match(ReadOnlyMemory<byte> json)
    {
        if (All.Count == 0) return true;
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = RecordLimits.DepthMax + 2 });
        var values = new List<SearchValue>();
        Collect(document.RootElement, "", values);
        return All.All(condition => condition.Matches(values));
    }

    private static (string Digits, int Count) PhoneRun(IReadOnlyList<Token> tokens, int first)
    {
        var (text, count) = ("", 0);
        while (first + count < tokens.Count && tokens[first + count] is { IsQuoted: false, Field: null } token && token.Text.All(IsOfPhone)) (text, count) = ($"{text} {token.Text}", count + 1);
        return SearchFolding.PhoneDigits(text) is { } digits ? (digits, count) : ("", 0);
    }

    private static bool IsOfPhone(char character) => char.IsAsciiDigit(character) || character is '+' or '-' or '(' or ')' or '/' or '.';

    private static SearchCondition FieldOf(string field, string text)
    {
        if (field == "has") return new HasCondition(PartsOf(text));
        var isPrefix = text.EndsWith('*');
        return new FieldCondition(PartsOf(field), SearchFolding.Fold(text.AsSpan(0, text.Length - (isPrefix ? 1 : 0))).Trim(), isPrefix);
    }

    private static WordsCondition? WordsOf(Token token)
    {
        var folded = SearchFolding.Fold(token.Text).Trim();
        // "+49" and "@example" begin where their word does.
        var start = 0;
        while (start < folded.Length && !SearchFolding.IsOfWord(folded[start])) start++;
        if (start < folded.Length) folded = folded[start..];
        return folded.Length == 0 ? null : new WordsCondition(folded, token.IsQuoted);
    }

    private static string[] PartsOf(string field) => field.StartsWith('/') ? JsonPointer.PartsOf(field) : field.Split('.', StringSplitOptions.RemoveEmptyEntries);

    private static List<Token> TokensOf(string text)
    {
        var tokens = new List<Token>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var colon = FieldEnd(text, i);
            var field = colon < 0 ? null : text[i..colon];
            if (colon >= 0) i = colon + 1;
            var isQuoted = i < text.Length && text[i] == '"';
            var end = isQuoted ? text.IndexOf('"', i + 1) : i;
            if (isQuoted && end < 0) end = text.Length;
            while (!isQuoted && end < text.Length && !char.IsWhiteSpace(text[end])) end++;
            tokens.Add(new Token(field, text[(isQuoted ? i + 1 : i)..end], isQuoted));
            i = isQuoted ? end + 1 : end;
        }

        return tokens;
    }

    // A field is a name before a colon with something behind it; "12:30" and "https://…" are text.
    private static int FieldEnd(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '-' or '.' or '/' or '~' or '*' or '$')) end++;
        var isField = end > start && end < text.Length - 1 && text[end] == ':' && !char.IsAsciiDigit(text[start])
            && !char.IsWhiteSpace(text[end + 1]) && text[end + 1] != '/';
        return isField ? end : -1;
    }

    private static void Collect(JsonElement element, string path, List<SearchValue> values)
    {
        if (path.Length > 0) values.Add(new SearchValue(path, element.ValueKind, TextOf(element)));
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Collect(item, $"{path}/*", values);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject()) Collect(member.Value, $"{path}/{JsonPointer.Escape(SearchText.NameOf(member))}", values);
        }
    }

    private static string? TextOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => SearchFolding.Fold(SearchText.Of(element)),
        JsonValueKind.Number => SearchFolding.Fold(element.GetRawText()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private sealed record Token(string? Field, string Text, bool IsQuoted);
}

/// <summary>A value in a record: its path with <c>*</c> for elements, its folded text.</summary>
internal readonly record struct SearchValue(string Path, JsonValueKind Kind, string? Text)
{
    public bool IsText => Kind is JsonValueKind.String or JsonValueKind.Number;
}

/// <summary>One condition on a record.</summary>
internal abstract record SearchCondition
{
    public abstract bool Matches(IReadOnlyList<SearchValue> values);

    /// <summary>Whether a path is that of a field as it was typed: its last names are these, elements of arrays aside.</summary>
    protected static bool IsOf(string path, IReadOnlyList<string> parts)
    {
        var names = JsonPointer.PartsOf(path).Where(part => part != "*").ToArray();
        return names.Length >= parts.Count && names.AsSpan(names.Length - parts.Count).SequenceEqual([.. parts], StringComparer.OrdinalIgnoreCase);
    }

    public static bool IsFieldOf(string path, IReadOnlyList<string> parts) => IsOf(path, parts);
}

/// <summary>Some value has these words one behind the other, as typed; the last may go on unless they were quoted.</summary>
internal sealed record WordsCondition(string Text, bool IsClosed) : SearchCondition
{
    public override bool Matches(IReadOnlyList<SearchValue> values) => values.Any(value => value.IsText && Has(value.Text));

    private bool Has(string? text)
    {
        if (text is null) return false;
        for (var place = text.IndexOf(Text, StringComparison.Ordinal); place >= 0; place = text.IndexOf(Text, place + 1, StringComparison.Ordinal))
        {
            if (!SearchFolding.IsWordStart(text, place)) continue;
            if (!IsClosed || SearchFolding.IsWordEnd(text, place + Text.Length)) return true;
        }

        return false;
    }
}

/// <summary>Some value is a telephone number that begins with these digits or ends with them, leading noughts aside; or it has the words as typed.</summary>
internal sealed record PhoneCondition(string Digits, WordsCondition? Words) : SearchCondition
{
    /// <summary>The digits that numbers end with: people leave out the country and write a nought instead.</summary>
    public string Ending => Digits.TrimStart('0') is { Length: >= SearchFolding.PhoneDigitsMin } ending ? ending : Digits;

    public override bool Matches(IReadOnlyList<SearchValue> values) => Words?.Matches(values) is true || values.Any(value =>
        value.Kind == JsonValueKind.String && SearchFolding.PhoneDigits(value.Text) is { } digits
        && (digits.StartsWith(Digits, StringComparison.Ordinal) || digits.EndsWith(Ending, StringComparison.Ordinal)));
}

/// <summary>A field, or an element of it, is this.</summary>
internal sealed record FieldCondition(IReadOnlyList<string> Field, string Text, bool IsPrefix) : SearchCondition
{
    public override bool Matches(IReadOnlyList<SearchValue> values) => values.Any(value =>
        value.Text is { } text && (IsPrefix ? text.TrimStart().StartsWith(Text, StringComparison.Ordinal) : text.Trim() == Text) && IsOf(value.Path, Field));
}

/// <summary>A field is there and not null.</summary>
internal sealed record HasCondition(IReadOnlyList<string> Field) : SearchCondition
{
    public override bool Matches(IReadOnlyList<SearchValue> values) => values.Any(value => value.Kind != JsonValueKind.Null && IsOf(value.Path, Field));
}

/// <summary>Texts of JSON that the reader would refuse: lone surrogates stand as they are written.</summary>
internal static class SearchText
{
    public static string Of(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return text.GetRawText()[1..^1];
        }
    }

    public static string Of(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }
}
