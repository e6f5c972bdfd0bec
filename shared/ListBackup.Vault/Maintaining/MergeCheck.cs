using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Maintaining;

/// <summary>Whether what a compaction wrote of a group shows every kept snapshot what the old sections show it. Knows nothing of how it was written.</summary>
internal static class MergeCheck
{
    /// <exception cref="VaultException">It does not.</exception>
    public static void Check(string stream, GroupVersions before, GroupVersions after, KeptSnapshots kept, bool isFromStart)
    {
        var written = after.OldestFirst().ToLookup(version => version.Line.Key, StringComparer.Ordinal);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var versions in before.OldestFirst().GroupBy(version => version.Line.Key, StringComparer.Ordinal))
        {
            keys.Add(versions.Key);
            if (!IsSame([.. versions], [.. written[versions.Key]], kept, isFromStart)) Refuse();
        }

        if (written.Any(versions => !keys.Contains(versions.Key))) Refuse();

        void Refuse() => throw new VaultException($"A compaction of stream {stream} would change what a snapshot holds. Nothing was committed.");
    }

    private static bool IsSame(List<StoredVersion> before, List<StoredVersion> after, KeptSnapshots kept, bool isFromStart)
    {
        // The state changes at these numbers only; between two of them one comparison speaks for all snapshots.
        var numbers = before.Concat(after).Select(version => version.Seq).Distinct().Order().Append(long.MaxValue).ToList();
        for (var i = 0; i + 1 < numbers.Count; i++)
        {
            if (!kept.Any(numbers[i], numbers[i + 1])) continue;
            if (!IsSame(At(before, numbers[i]), At(after, numbers[i]), isFromStart)) return false;
        }

        return true;
    }

    private static StoredVersion? At(List<StoredVersion> versions, long seq)
    {
        var last = versions.FindLastIndex(version => version.Seq <= seq);
        return last < 0 ? null : versions[last];
    }

    private static bool IsSame(StoredVersion? before, StoredVersion? after, bool isFromStart)
    {
        // Where nothing older lies elsewhere, a deletion and nothing are the same.
        if (after is not { } written) return before is null || (isFromStart && before is { Line.Operation: RecordOperation.Delete or RecordOperation.Gone });
        return before is { } old && old.Seq == written.Seq && IsSame(old.Line, written.Line);
    }

    private static bool IsSame(RecordLine before, RecordLine after) =>
        before.Operation == after.Operation && before.Redacted == after.Redacted && before.Json is null == after.Json is null && before.Attachments.SequenceEqual(after.Attachments)
        && (before.Json is not { } json || json.Span.SequenceEqual(after.Json!.Value.Span));
}
