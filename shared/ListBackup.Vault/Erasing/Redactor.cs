using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Erasing;

/// <summary>
/// Makes hashes of contents that are taken away. A content has one record hash for each list of volatile fields that a snapshot of the
/// stream was made with; the roots of all of them must still be provable, so all are kept.
/// </summary>
internal sealed class Redactor
{
    private readonly LiveHasher _hasher;
    private readonly List<(string Id, LiveHasher Hasher)> _others = [];

    /// <param name="secrets">The stream's.</param>
    /// <param name="newest">The volatile fields that count now.</param>
    /// <param name="earlier">Those of the other snapshots.</param>
    public Redactor(StreamSecrets secrets, IReadOnlyList<string> newest, IEnumerable<IReadOnlyList<string>> earlier)
    {
        _hasher = new LiveHasher(secrets, newest);
        var seen = new HashSet<string>(StringComparer.Ordinal) { RedactedHashes.IdOf(newest) };
        foreach (var fields in earlier)
        {
            if (seen.Add(RedactedHashes.IdOf(fields))) _others.Add((RedactedHashes.IdOf(fields), new LiveHasher(secrets, fields)));
        }
    }

    /// <summary>The hashes of a live line.</summary>
    public RedactedHashes Redact(RecordLine line)
    {
        if (line.Redacted is { } before) return before;
        var hash = _hasher.HashOf(line)!.Value;
        var others = new SortedDictionary<string, Hash128>(StringComparer.Ordinal);
        foreach (var (id, hasher) in _others)
        {
            if (hasher.HashOf(line) is { } other && other != hash) others[id] = other;
        }

        return new RedactedHashes(hash, others);
    }
}
