using ListBackup.Vault.Format;
using ListBackup.Vault.Maintaining;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Erasing;

/// <summary>An erasure's part in one source: its commit, and the forgetting of keys that only the commit allows.</summary>
internal sealed class SourceErasure(VaultCore core, string request, string source, IReadOnlyList<LedgerRecords> records, IReadOnlyDictionary<(string Source, string Stream), long> dictionaries)
{
    /// <summary>The erasure's commit. There is one even when nothing is stored of the records: every run that has begun must meet it.</summary>
    /// <param name="after">The newest snapshot when the erasure began: an earlier attempt's commit is behind it.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<CheckedManifest> EraseAsync(long after, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= core.Options.CommitAttemptsMax; attempt++)
        {
            var parent = await core.Manifests.FindNewestAsync(source, cancellation) ?? throw new VaultNotFoundException($"There is no snapshot of source {source}.");
            if ((await FindOwnAsync(parent, after, cancellation) ?? await CommitUnlessOvertakenAsync(parent, cancellation)) is not { } committed) continue;
            await ForgetAsync(cancellation);
            return committed;
        }

        throw new CommitContendedException($"The erasure {request} of source {source} was overtaken {core.Options.CommitAttemptsMax} times. Begin it again later under the same id.");
    }

    private async Task<CheckedManifest?> FindOwnAsync(CheckedManifest newest, long after, CancellationToken cancellation)
    {
        var view = new SourceView(newest);
        for (var seq = newest.Manifest.Seq; seq > after; seq--)
        {
            // An expired one is as good as none: what was erased is erased once more.
            if (view.IsExpired(seq)) continue;
            var manifest = await view.GetManifestAsync(core, seq, cancellation);
            if (manifest.Manifest.Maintenance is { Kind: MaintenanceKind.Erasure } maintenance && maintenance.Request == request) return manifest;
        }

        return null;
    }

    private async Task<CheckedManifest?> CommitUnlessOvertakenAsync(CheckedManifest parent, CancellationToken cancellation)
    {
        try
        {
            return await TryCommitAsync(parent, cancellation);
        }
        catch (VaultDamagedException)
        {
            // Another erasure or a garbage collection may have taken away what only the older manifest still names.
            if ((await core.Manifests.FindNewestAsync(source, cancellation))?.Manifest.Seq == parent.Manifest.Seq) throw;
            return null;
        }
    }

    /// <summary>Null when somebody else took the number.</summary>
    private async Task<CheckedManifest?> TryCommitAsync(CheckedManifest parent, CancellationToken cancellation)
    {
        var seq = parent.Manifest.Seq + 1;
        var attempt = MaintenanceCommitter.NewId();
        var streams = new SortedDictionary<string, StreamState>(parent.Manifest.Streams, StringComparer.Ordinal);
        var forgotten = new SortedDictionary<string, IReadOnlyList<ForgottenGroups>>(parent.Manifest.Forgotten ?? [], StringComparer.Ordinal);
        var (facts, indexes, bytes, part) = (new List<ErasedStream>(), new List<(string Stream, NextIndex Index)>(), 0L, 0);
        foreach (var stream in records)
        {
            var erased = stream.Keys.Select(Hash128.Parse).ToHashSet();
            if (await core.StreamKeys.AddFreshEpochAsync(source, stream.Stream, erased, cancellation) is not { } keys)
            {
                // Nothing of the stream was ever stored. The empty entry tells backups to consult the ledger.
                forgotten.TryAdd(stream.Stream, []);
                facts.Add(ErasurePlanner.Nothing(stream));
                continue;
            }

            var groups = new ForgottenGroups(keys.Newest.Epoch, keys.Newest.Groups, keys.Newest.Only!);
            forgotten[stream.Stream] = Forgotten.Add(forgotten.GetValueOrDefault(stream.Stream, []), groups);
            if (!streams.ContainsKey(stream.Stream))
            {
                facts.Add(ErasurePlanner.Nothing(stream) with { Groups = groups.Groups.Count });
                continue;
            }

            var redactor = await RedactorOfAsync(parent, stream.Stream, cancellation);
            var result = await new StreamErasure(core, parent.Manifest, stream.Stream, erased, keys, groups, redactor).RewriteAsync(cancellation);
            var sections = new List<SectionReference>();
            foreach (var built in result.Sections)
            {
                // One range of numbers for all of them: compaction knows by it what belongs together.
                var reference = await PutAsync(built, seq, attempt, ++part, cancellation);
                sections.Add(reference with { From = result.Sections.Min(other => other.From), To = seq });
                bytes += reference.Size;
            }

            streams[stream.Stream] = result.State with { Sections = [.. result.State.Sections, .. sections] };
            facts.Add(result.Facts with { Dictionaries = dictionaries.GetValueOrDefault((source, stream.Stream)) });
            indexes.Add((stream.Stream, result.Index));
        }

        var manifest = MaintenanceCommitter.After(core, parent, MaintenanceOf(facts), attempt) with { SegmentBytes = bytes, Streams = streams, Forgotten = forgotten };
        var committed = await core.Manifests.TryPutAsync(manifest, cancellation);
        if (committed is null) return null;
        foreach (var (stream, index) in indexes.Where(item => item.Index.Count > 0)) await core.Indexes.PutAsync(source, stream, index, streams[stream], cancellation);
        return committed;
    }

    /// <summary>Knows every list of volatile fields that a snapshot of the stream was made with.</summary>
    private async Task<Redactor> RedactorOfAsync(CheckedManifest parent, string stream, CancellationToken cancellation)
    {
        var (view, earlier) = (new SourceView(parent), new List<IReadOnlyList<string>>());
        for (var seq = parent.Manifest.Seq - 1; seq > 0; seq--)
        {
            if (!view.IsExpired(seq) && (await view.GetManifestAsync(core, seq, cancellation)).Manifest.Streams.GetValueOrDefault(stream) is { } state)
                earlier.Add(state.VolatileFields);
        }

        return new Redactor(core.Secrets.Stream(source, stream), parent.Manifest.Streams[stream].VolatileFields, earlier);
    }

    private async Task<SectionReference> PutAsync(BuiltRows built, long seq, string attempt, int part, CancellationToken cancellation)
    {
        var finished = built.Section.Segment.Finish(ObjectNames.Segment(source, seq, attempt, part), core.Options.FooterPageBlocks);
        await core.Objects.PutAsync(finished.Name, finished.Content, PutCondition.Replace, cancellation);
        // The originals will be gone for good: what replaces them must be there, byte for byte.
        if (!(await core.Objects.ReadAsync(finished.Name, cancellation)).AsSpan().SequenceEqual(finished.Content.Span))
            throw new VaultDamagedException(finished.Name, 0, "The store gives back other bytes than were put.");
        return finished.ReferenceTo(built.Section.Table.Id);
    }

    private Maintenance MaintenanceOf(IReadOnlyList<ErasedStream> facts) => new()
    {
        Kind = MaintenanceKind.Erasure,
        Request = request,
        Erased = facts,
        Keys = new SortedDictionary<string, IReadOnlyList<string>>(records.ToDictionary(stream => stream.Stream, stream => stream.Keys), StringComparer.Ordinal),
    };

    /// <summary>Forgets what the newest snapshot says is forgotten, by whichever erasure.</summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        var forgotten = (await core.Manifests.FindNewestAsync(source, cancellation))!.Manifest.Forgotten ?? [];
        foreach (var stream in records.Select(stream => stream.Stream).Where(forgotten.ContainsKey))
            await core.StreamKeys.ForgetAsync(source, stream, forgotten[stream], cancellation);
    }
}
