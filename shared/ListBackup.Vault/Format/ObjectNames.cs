using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>Where everything lies (vault-format.md, "Objects").</summary>
internal static class ObjectNames
{
    /// <summary>UTF-8 bytes of a source's, run's or stream's name. Encoded it is up to three times as long and still a file's name.</summary>
    public const int PartBytesMax = 80;

    public const string Format = "format.json";
    public const string Manifests = "m/";
    public const string Segments = "s/";
    public const string Keys = "k/";
    public const string Dictionaries = "d/";
    public const string Caches = "x/";
    public const string Ledger = "e/";
    public const string Attachments = "f/";
    public const string AttachmentPlans = "g/p/";
    public const string AttachmentSources = "g/s/";
    public const string LedgerCache = "x/ledger";
    // A source's part never holds "=", so the vault's own keys never meet a source's.
    public const string VaultKeys = "k/=vault/";

    public static string ManifestsOf(string source) => $"m/{Part(source)}/";

    public static string Manifest(string source, long seq) => $"m/{Part(source)}/{seq:000000000000}.json";

    public static string SegmentsOf(string source) => $"s/{Part(source)}/";

    public static string DictionariesOf(string source, string stream) => $"d/{Part(source)}/{Part(stream)}/";

    public static string DictionariesOf(string source) => $"d/{Part(source)}/";

    public static string Segment(string source, long seq, string attempt, int part) => $"s/{Part(source)}/{seq:000000000000}-{attempt}-{part:0000}.seg";

    public static string StreamKeysOf(string source, string stream) => $"k/{Part(source)}/{Part(stream)}/";

    public static string StreamKeys(string source, string stream, int epoch) => $"k/{Part(source)}/{Part(stream)}/{epoch:000000}.keys";

    /// <summary>The number in the name of a stream's key file; 0 when there is none.</summary>
    public static int ParseStreamKeys(string name) =>
        System.IO.Path.GetFileNameWithoutExtension(name) is { Length: 6 } number && int.TryParse(number, System.Globalization.NumberStyles.None, null, out var parsed) ? parsed : 0;

    public static string Attachment(string name) => $"{Attachments}{name[..2]}/{name}";

    public static string AttachmentPlan(long seq) => $"{AttachmentPlans}{seq:000000000000}.json";

    public static string AttachmentSource(string source) => $"{AttachmentSources}{Part(source)}";

    /// <summary>The source of a name under g/s/.</summary>
    public static string ParseAttachmentSource(string name) => Uri.UnescapeDataString(name[AttachmentSources.Length..]);

    public static string LedgerEntry(long seq) => $"{Ledger}{seq:000000000000}.json";

    /// <summary>The number in the name of a ledger entry; 0 when it is none.</summary>
    public static long ParseLedgerEntry(string name) =>
        name.Length == 19 && name.StartsWith(Ledger, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(Ledger.Length, 12), System.Globalization.NumberStyles.None, null, out var seq) ? seq : 0;

    public static string Dictionary(string source, string stream, string hash) => $"{Dictionaries}{Part(source)}/{Part(stream)}/{hash}.dict";

    public static string VaultKey(int epoch) => $"{VaultKeys}{epoch:000000}.keys";

    public static string KeyIndex(string source, string stream) => $"x/keys/{Part(source)}/{Part(stream)}";

    public static string SearchIndexesOf(string source, string stream) => $"x/search/{Part(source)}/{Part(stream)}/";

    public const string Drafts = "x/drafts/";

    public static string DraftsOf(string source) => $"x/drafts/{Part(source)}/";

    public static string DraftsOf(string source, string run) => $"x/drafts/{Part(source)}/{Part(run)}/";

    public static string DraftsOf(string source, string run, string streamAndPartition) => $"{DraftsOf(source, run)}{streamAndPartition}/";

    /// <summary>The source of a manifest's name; null when it is none.</summary>
    public static (string Source, long Seq)? ParseManifest(string name)
    {
        var parts = name.Split('/');
        return parts is ["m", var source, var file] && file.Length == 17 && file.EndsWith(".json", StringComparison.Ordinal)
            && long.TryParse(file.AsSpan(0, 12), System.Globalization.NumberStyles.None, null, out var seq)
            ? (Uri.UnescapeDataString(source), seq)
            : null;
    }

    /// <summary>Free text as one part of an object name: letters, digits, <c>-</c>, <c>_</c> and inner dots stay, other bytes of its UTF-8 become <c>%XX</c>.</summary>
    /// <exception cref="ArgumentException">It is empty or too long.</exception>
    public static string Part(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length is 0 or > PartBytesMax)
            throw new ArgumentException($"A name of a source, run or stream has 1 to {PartBytesMax} bytes of UTF-8.", nameof(text));
        var part = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            var isPlain = char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_' || (value == '.' && part.Length > 0);
            if (isPlain) part.Append((char)value);
            else part.Append('%').Append(value.ToString("X2"));
        }

        return part.ToString();
    }
}
