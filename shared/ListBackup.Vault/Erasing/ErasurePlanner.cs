using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Erasing;

/// <summary>Looks at what an erasure would do to a stream.</summary>
internal sealed class ErasurePlanner(VaultCore core, LedgerRecords records)
{
    public static ErasedStream Nothing(LedgerRecords records) => new()
    {
        Source = records.Source,
        Stream = records.Stream,
        Keys = records.Keys.Count,
        Records = 0,
        Live = 0,
        Versions = 0,
        Groups = 0,
        RewrittenVersions = 0,
        Dictionaries = 0,
    };

    public async Task<ErasedStream> PlanAsync(CancellationToken cancellation)
    {
        var newest = await core.Manifests.FindNewestAsync(records.Source, cancellation);
        var keys = await core.StreamKeys.FindNewestAsync(records.Source, records.Stream, cancellation);
        if (keys is null) return Nothing(records);
        var erased = records.Keys.Select(Hash128.Parse).ToHashSet();
        var groups = erased.Select(hash => hash.Group(keys.Newest.Groups)).ToHashSet();
        var plan = Nothing(records) with { Groups = groups.Count };
        if (newest?.Manifest.Streams.GetValueOrDefault(records.Stream) is not { } state) return plan;

        var secrets = core.Secrets.Stream(records.Source, records.Stream);
        var reader = await GroupReader.OpenAsync(core, state.Sections, newest.Manifest.Seq, cancellation);
        var wanted = groups.Select(group => Forgotten.In(group, keys.Newest.Groups, reader.GroupCount).First()).ToHashSet();
        var (live, versions, rewritten, found) = (0L, 0L, 0L, new HashSet<Hash128>());
        await foreach (var group in reader.ReadAsync(0, wanted.Contains, cancellation))
        {
            if (!wanted.Contains(group.Group)) continue;
            foreach (var version in group.Versions)
            {
                var hash = version.Line.KeyHash ?? secrets.HashKey(version.Line.Key);
                if (!erased.Contains(hash)) rewritten++;
                else if (found.Add(hash) | version.Line.Operation == RecordOperation.Put) versions += version.Line.Operation == RecordOperation.Put ? 1 : 0;
            }

            live += group.Newest().Values.Count(version => version.Line.IsLive && erased.Contains(version.Line.KeyHash ?? secrets.HashKey(version.Line.Key)));
        }

        return plan with { Records = found.Count, Live = live, Versions = versions, RewrittenVersions = rewritten };
    }
}
