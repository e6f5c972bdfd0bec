using System.Numerics;
using System.Text;
using CsCheck;
using Record = ListBackup.Vault.Record;

namespace ListBackup.Sources.Tests;

/// <summary>A record as pairs of a name and the raw JSON of its value.</summary>
public sealed record OddRecord(string Key, IReadOnlyList<(string Name, string Raw)> Members)
{
    public Record Record => new(Key, 1, Encoding.UTF8.GetBytes($"{{{string.Join(", ", Members.Select(m => $"{Quoted(m.Name)}: {m.Raw}"))}}}"));

    public string? Raw(string name) => Members.Where(m => m.Name == name).Select(m => m.Raw).SingleOrDefault();

    /// <summary>In a JSON text, each UTF-16 unit escaped: lone surrogates survive.</summary>
    public static string Quoted(string text) => $"\"{string.Concat(text.Select(c => c is < ' ' or '"' or '\\' || char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString()))}\"";

    /// <summary>What a raw JSON string says, by a reading of our own.</summary>
    public static string Said(string raw)
    {
        var text = new StringBuilder();
        for (var i = 1; i < raw.Length - 1; i++)
        {
            if (raw[i] != '\\') text.Append(raw[i]);
            else if (raw[++i] != 'u') text.Append(raw[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', var c => c });
            else
            {
                text.Append((char)Convert.ToInt32(raw.Substring(i + 1, 4), 16));
                i += 4;
            }
        }
        return text.ToString();
    }

    /// <summary>The text with U+FFFD for lone surrogates, as any encoder to UTF-8 makes them.</summary>
    public static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether two decimal numbers are one, whatever their size.</summary>
    public static bool IsSameNumber(string left, string right)
    {
        var (a, b) = (Scaled(left), Scaled(right));
        var least = Math.Min(a.Power, b.Power);
        return a.Digits * BigInteger.Pow(10, a.Power - least) == b.Digits * BigInteger.Pow(10, b.Power - least);
    }

    private static (BigInteger Digits, int Power) Scaled(string number)
    {
        var parts = number.ToUpperInvariant().Split('E');
        var point = parts[0].IndexOf('.');
        var power = (parts.Length > 1 ? int.Parse(parts[1]) : 0) - (point < 0 ? 0 : parts[0].Length - point - 1);
        return (BigInteger.Parse(parts[0].Replace(".", "")), power);
    }
}

/// <summary>Records with all that a format may stumble over.</summary>
public static class OddRecords
{
    public static readonly IReadOnlyList<string> Names =
    [
        "id", "Name", "name", "NAME", "", "_key", "_more", "_KEY", "sqlite_master", "select", "a\"b", "a'b", "a b.c/d~e", "ünï", "日本", "=cmd", "_x0041_", "tab\there", "x\0y",
        "line\nbreak", new string('n', 300), "\ud800", "list", "object", "at", "n", "d", "b",
    ];

    public static readonly IReadOnlyList<string> Values =
    [
        "null", "true", "false", "0", "-0", "1", "-1", "42", "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "12345678901234567890.10",
        "0.1", "1.50", "1e3", "1E+400", "1e-400", "-2.5e-7", "123456789012345", "1234567890123456", "0.30000000000000004", "100000000000000000000", "0.0",
        "\"\"", "\"=1+1\"", "\"+49 30 1\"", "\"@x\"", "\"-1\"", "\"a,b\\\"c\\r\\nd\"", "\"\\ud800\"", "\"x\\udc00y\"", "\"\\ud83d\\ude00\"", "\"😀\"", "\"\\u0000\\u0001\\u001f\\ufffe\\uffff\"",
        "\"_x0041_ _xD800_\"", "\" lead and trail \"", "\"<&>'\\\"\"", "\"2024-01-31T10:20:30Z\"", "\"2024-01-31T10:20:30.123456Z\"", "\"1969-12-31T23:59:59.5+00:00\"",
        "\"2024-01-31T10:20:30+02:00\"", "\"2024-13-31T10:20:30Z\"", "\"2024-01-31T10:20:30.1234567Z\"", "\"007\"", "\"1\"", "\"true\"", "\"null\"",
        "[]", "{}", "[1, 2.0, \"x\"]", "{\"a\": [1, {\"b\": null}], \"c\": 12345678901234567890}", $"\"{new string('y', 32_767)}\"", $"\"{new string('z', 40_000)}\"", $"[\"{new string('w', 33_000)}\"]",
    ];

    public static Gen<IReadOnlyList<OddRecord>> Some { get; } =
        Gen.Int.Select(seed => new Random(seed)).Select(dice => (IReadOnlyList<OddRecord>)[.. Enumerable.Range(0, dice.Next(13)).Select(i => RecordOf(i, dice))]);

    private static OddRecord RecordOf(int number, Random dice) => new($"k{number:d3}", [.. Names.Where(_ => dice.Next(2) == 0).Select(name => (name, ValueOf(name, dice)))]);

    /// <summary>Some fields are of one kind throughout, so that columns of every type come about.</summary>
    private static string ValueOf(string name, Random dice) => name switch
    {
        "id" => dice.NextInt64(long.MinValue, long.MaxValue).ToString(),
        "d" => ((dice.NextDouble() - 0.5) * 1e9).ToString("R"),
        "b" => dice.Next(2) == 0 ? "true" : "false",
        "at" => $"\"{DateTimeOffset.UnixEpoch.AddTicks(dice.NextInt64(-5_000_000_000_000_000, 5_000_000_000_000_000) * 10).UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}\"",
        _ => Values[dice.Next(Values.Count)],
    };

    /// <summary>The stream as an export has it: all names but the last seen are columns, and one that is no text never is.</summary>
    public static ExportedStream Stream(string name, IReadOnlyList<OddRecord> records)
    {
        var seen = records.SelectMany(r => r.Members.Select(m => m.Name)).Distinct().Where(n => n != "\ud800").Order(StringComparer.Ordinal).ToList();
        return new(name, [.. seen.SkipLast(1)], _ => records.Select(r => r.Record).ToAsyncEnumerable());
    }

    public static IReadOnlyList<OddRecord> EveryValue { get; } =
        [.. Values.Select((raw, i) => new OddRecord($"k{i:d3}", [("id", i.ToString()), ("value", raw), ("\ud800", raw), ("zz", "1")]))];
}
