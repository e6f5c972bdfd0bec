using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Something that a person is known by: an e-mail address, a telephone number, or any other text such as a name or a customer number.</summary>
public sealed class Identifier
{
    /// <summary>Shorter ones would find half of everybody.</summary>
    public const int LengthMin = 3;

    public const int LengthMax = 320;

    // Fewer digits are house numbers and prices.
    private const int PhoneDigitsMin = 7;

    private readonly string? _digits;

    private Identifier(string text, string? digits) => (Text, _digits) = (text, digits);

    /// <summary>As it was given, without white space around it.</summary>
    public string Text { get; }

    /// <summary>The same as the vault's search understands it.</summary>
    public string Query => _digits ?? $"\"{Text.Replace("\"", " ")}\"";

    /// <exception cref="Problem">It is too short or too long.</exception>
    public static Identifier Parse(string? text)
    {
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Length is < LengthMin or > LengthMax) throw Problem.Invalid("identifiers", $"An identifier has {LengthMin} to {LengthMax} characters.");
        return new(trimmed, PhoneOf(trimmed));
    }

    /// <summary>Which fields of a record hold it, as JSON Pointers, in the record's order. Empty: a search that compares more loosely found something like it.</summary>
    public IReadOnlyList<string> FieldsOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new() { MaxDepth = 256 });
        var fields = new List<string>();
        Collect(document.RootElement, "", fields);
        return fields;
    }

    private void Collect(JsonElement value, string path, List<string> fields)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Collect(member.Value, $"{path}/{JsonPointer.Escape(member.Name)}", fields);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var element in value.EnumerateArray()) Collect(element, $"{path}/{index++}", fields);
                break;
            case JsonValueKind.String when IsIn(value.GetString()!): // A string has text.
            case JsonValueKind.Number when IsIn(value.GetRawText()):
                fields.Add(path);
                break;
        }
    }

    private bool IsIn(string value) => _digits is null ? Contains(value) : PhoneOf(value) is { } phone && IsSameNumber(phone, _digits);

    // +49 151 2345678 and 0151 2345678 are one number: the shorter one's digits, without its zeros in front, end the longer one's.
    private static bool IsSameNumber(string a, string b)
    {
        var (longer, shorter) = a.Length >= b.Length ? (a, b) : (b, a);
        var end = shorter.TrimStart('0');
        return end.Length >= PhoneDigitsMin && longer.EndsWith(end, StringComparison.Ordinal);
    }

    private bool Contains(string value)
    {
        for (var at = value.IndexOf(Text, StringComparison.OrdinalIgnoreCase); at >= 0; at = value.IndexOf(Text, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (IsBorderBefore(value, at) && IsBorderBehind(value, at + Text.Length)) return true;
        }
        return false;
    }

    // bada@example.org and x.ada@example.org are other people than ada@example.org.
    private static bool IsBorderBefore(string value, int at) => at == 0 || !(char.IsLetterOrDigit(value[at - 1]) || value[at - 1] is '.' or '_' or '%' or '+' or '-' or '@');

    // ada@example.org.uk is somebody else; a full stop at the end of a sentence is not.
    private static bool IsBorderBehind(string value, int end) =>
        end == value.Length || !(char.IsLetterOrDigit(value[end]) || value[end] == '@' || (value[end] is '.' or '-' && end + 1 < value.Length && char.IsLetterOrDigit(value[end + 1])));

    private static string? PhoneOf(string text)
    {
        if (text.Any(c => !char.IsAsciiDigit(c) && c is not (' ' or '+' or '-' or '(' or ')' or '/' or '.'))) return null;
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        return digits.Length >= PhoneDigitsMin ? digits : null;
    }
}
