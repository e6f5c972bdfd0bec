using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Maintaining;

/// <summary>Which of a record's versions a compaction writes again.</summary>
internal static class Survivors
{
    /// <param name="versions">One key's, oldest first; of equal numbers the later stands.</param>
    /// <param name="kept">Which snapshots must stay readable.</param>
    /// <param name="isFromStart">No older version lies elsewhere.</param>
    public static List<StoredVersion> Of(IReadOnlyList<StoredVersion> versions, KeptSnapshots kept, bool isFromStart)
    {
        var survivors = new List<StoredVersion>(versions.Count);
        for (var i = 0; i < versions.Count; i++)
        {
            var end = i + 1 < versions.Count ? versions[i + 1].Seq : long.MaxValue;
            if (end == versions[i].Seq || !kept.Any(versions[i].Seq, end)) continue;
            // A deletion of what nobody has any more says nothing.
            var isDeletion = versions[i].Line.Operation is RecordOperation.Delete or RecordOperation.Gone;
            if (isDeletion && isFromStart && survivors.Count == 0) continue;
            survivors.Add(versions[i]);
        }

        return survivors;
    }
}
