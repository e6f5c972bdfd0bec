using ListBackup.Vault.Format;
using ListBackup.Vault.Log;

namespace ListBackup.Vault.Verifying;

/// <summary>Counts a vault's objects and bytes by kind.</summary>
internal static class Stats
{
    public static async Task<VaultStats> CountAsync(VaultCore core, CancellationToken cancellation)
    {
        var kinds = new Dictionary<string, (long Count, long Bytes)>(StringComparer.Ordinal);
        var newest = new Dictionary<string, long>(StringComparer.Ordinal);
        var (objects, bytes) = (0L, 0L);
        await foreach (var head in core.Objects.ListAsync("", after: null, cancellation))
        {
            (objects, bytes) = (objects + 1, bytes + head.Size);
            var kind = head.Name[..(head.Name.IndexOf('/') + 1)];
            var sum = kinds.GetValueOrDefault(kind);
            kinds[kind] = (sum.Count + 1, sum.Bytes + head.Size);
            if (ObjectNames.ParseManifest(head.Name) is { } parsed) newest[parsed.Source] = Math.Max(newest.GetValueOrDefault(parsed.Source), parsed.Seq);
        }

        var live = 0L;
        foreach (var (source, seq) in newest)
            live += (await core.Manifests.GetAsync(source, seq, cancellation)).Manifest.Streams.Values.Sum(stream => stream.Live);
        return new VaultStats
        {
            Sources = newest.Count,
            Snapshots = kinds.GetValueOrDefault(ObjectNames.Manifests).Count,
            Segments = kinds.GetValueOrDefault(ObjectNames.Segments).Count,
            LiveRecords = live,
            Objects = objects,
            Bytes = bytes,
            SegmentBytes = kinds.GetValueOrDefault(ObjectNames.Segments).Bytes,
            ManifestBytes = kinds.GetValueOrDefault(ObjectNames.Manifests).Bytes,
            KeyBytes = kinds.GetValueOrDefault(ObjectNames.Keys).Bytes,
            DictionaryBytes = kinds.GetValueOrDefault(ObjectNames.Dictionaries).Bytes,
            AttachmentBytes = kinds.GetValueOrDefault(ObjectNames.Attachments).Bytes,
            LedgerBytes = kinds.GetValueOrDefault(ObjectNames.Ledger).Bytes,
            ReportBytes = kinds.GetValueOrDefault(SignedReport.Folder).Bytes,
            LogBytes = kinds.GetValueOrDefault(LogNames.Log).Bytes,
            CacheBytes = kinds.GetValueOrDefault(ObjectNames.Caches).Bytes,
        };
    }
}
