using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Maintaining;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Writing;

/// <summary>
/// Makes a run's streams the next manifest (vault-format.md, "Commit"): no locks, no clock, one create-only put that decides.
/// </summary>
internal sealed class Committer
{
    private const int SegmentBytesMax = 32 * 1024 * 1024;

    private readonly VaultCore _core;
    private readonly CommitRequest _request;
    private readonly List<StreamFold> _folds = [];
    private readonly List<string> _streams = [];
    private int _segmentPart;

    public Committer(VaultCore core, CommitRequest request)
    {
        _core = core;
        _request = request;
        foreach (var outcomes in request.Outcomes.GroupBy(outcome => outcome.Stream, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            Check([.. outcomes]);
            _streams.Add(outcomes.Key);
            _folds.Add(new StreamFold(core, request.Source, outcomes.Key, [.. outcomes]));
        }
    }

    public async Task<CheckedManifest> CommitAsync(CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= _core.Options.CommitAttemptsMax; attempt++)
        {
            // Whoever read the streams knows a recent manifest. If it is not the newest any more, the put says so, and the list is made then.
            var parent = attempt == 1
                ? await _core.Manifests.FindRecentAsync(_request.Source, cancellation)
                : await _core.Manifests.FindNewestAsync(_request.Source, cancellation);
            if (await FindOwnRunAsync(parent, cancellation) is { } earlier) return earlier;
            Manifest manifest;
            IReadOnlyDictionary<string, FoldedStream> folded;
            try
            {
                (manifest, folded) = await FoldAsync(parent, cancellation);
            }
            catch (VaultNotFoundException)
            {
                // The same message is at work elsewhere too: it was quicker, and the drafts went with its commit.
                if (await FindOwnRunAsync(await _core.Manifests.FindNewestAsync(_request.Source, cancellation), cancellation) is { } theirs) return theirs;
                throw;
            }

            if (parent is not null)
            {
                await ReferencedObjects.ThrowIfCollectedAsync(_core, parent, LowestBase, manifest, manifest.Attempt, cancellation);
                await new AttachmentFence(_core, parent.Manifest).ThrowIfGivenUpAsync(folded, cancellation);
            }

            if (await _core.Manifests.TryPutAsync(manifest, cancellation) is not { } committed) continue;
            await _core.Log.TryAppendAsync(committed, cancellation);
            await CleanUpAsync(parent?.Manifest, manifest, folded, cancellation);
            return committed;
        }

        throw new CommitContendedException(
            $"Run {_request.Run} of source {_request.Source} was overtaken {_core.Options.CommitAttemptsMax} times. Nothing was committed; try again later.");
    }

    private void Check(IReadOnlyList<StreamOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            if (outcome.Source != _request.Source || outcome.Run != _request.Run)
                throw new ArgumentException($"An outcome of stream {outcome.Stream} belongs to another source or run.");
            if (outcome.PartitionCount != outcomes[0].PartitionCount || outcome.Mode != outcomes[0].Mode
                || !outcome.VolatileFields.SequenceEqual(outcomes[0].VolatileFields, StringComparer.Ordinal))
                throw new ArgumentException($"The partitions of stream {outcome.Stream} were not read alike.");
        }

        if (outcomes.DistinctBy(outcome => outcome.Partition, StringComparer.Ordinal).Count() != outcomes.Count)
            throw new ArgumentException($"A partition of stream {outcomes[0].Stream} is given twice.");
    }

    /// <summary>The oldest snapshot that any of the streams was compared with; nothing of the run was written before it.</summary>
    private long LowestBase => _request.Outcomes.Count == 0 ? 0 : _request.Outcomes.Min(outcome => outcome.BaseSeq);

    /// <summary>The manifest that this run made already: the message came again, or a reply was lost.</summary>
    private async Task<CheckedManifest?> FindOwnRunAsync(CheckedManifest? newest, CancellationToken cancellation)
    {
        if (newest is null) return null;
        var view = new SourceView(newest);
        if (RunsBehind(newest.Manifest).FirstOrDefault(run => run.Run == _request.Run && !view.IsExpired(run.Seq)) is { } committed)
            return await view.GetManifestAsync(_core, committed.Seq, cancellation);
        // For manifests of before they named the runs. A run whose drafts went with its commit is read anew onto what stands then, which may be that very commit, or maintenance behind it:
        // the base is looked at too, and the newest backup in any case.
        var isBehindBackup = false;
        for (var seq = newest.Manifest.Seq; seq > 0 && (seq >= LowestBase || !isBehindBackup); seq--)
        {
            // What has expired is older than any run that still works.
            if (view.IsExpired(seq)) continue;
            var manifest = await view.GetManifestAsync(_core, seq, cancellation);
            if (manifest.Manifest.Run == _request.Run) return manifest;
            isBehindBackup |= manifest.Manifest.Maintenance is null;
        }

        return null;
    }

    /// <summary>The newest backups up to a manifest.</summary>
    private static IReadOnlyList<CommittedRun> RunsBehind(Manifest? manifest) =>
        manifest?.Runs ?? (manifest is null or { Maintenance: not null } ? [] : [new CommittedRun(manifest.Seq, manifest.Run, manifest.Time)]);

    private async Task<(Manifest Manifest, IReadOnlyDictionary<string, FoldedStream> Streams)> FoldAsync(CheckedManifest? parent, CancellationToken cancellation)
    {
        var folded = new Dictionary<string, FoldedStream>(StringComparer.Ordinal);
        for (var i = 0; i < _folds.Count; i++) folded[_streams[i]] = await _folds[i].FoldAsync(parent?.Manifest, cancellation);

        var seq = (parent?.Manifest.Seq ?? 0) + 1;
        var attempt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var references = await PlaceAsync(folded, seq, attempt, cancellation);
        var streams = new SortedDictionary<string, StreamState>(parent?.Manifest.Streams ?? [], StringComparer.Ordinal);
        foreach (var (stream, result) in folded) streams[stream] = result.State with { Sections = [.. result.State.Sections, .. references[stream]] };
        var time = _core.Options.Clock.GetUtcNow();
        var manifest = new Manifest
        {
            Vault = _core.Secrets.Vault,
            Source = _request.Source,
            Seq = seq,
            Parent = parent?.Sha256,
            Attempt = attempt,
            Run = _request.Run,
            Runs = [.. RunsBehind(parent?.Manifest).Prepend(new CommittedRun(seq, _request.Run, time)).Take(Manifest.RunsMax)],
            Trigger = _request.Trigger,
            Connector = _request.Connector,
            Time = time,
            SegmentBytes = references.Values.SelectMany(list => list).DistinctBy(reference => reference.Object).Sum(reference => reference.Size),
            Streams = streams,
            Retention = parent?.Manifest.Retention,
            Holds = parent?.Manifest.Holds,
            Expired = parent?.Manifest.Expired,
            GcPlan = parent?.Manifest.GcPlan,
            AttachmentPlan = parent?.Manifest.AttachmentPlan,
            Forgotten = parent?.Manifest.Forgotten,
        };
        return (manifest, folded);
    }

    /// <summary>Packs the sections that are not in an object yet into as few objects as possible.</summary>
    private async Task<Dictionary<string, SectionReference[]>> PlaceAsync(
        Dictionary<string, FoldedStream> folded, long seq, string attempt, CancellationToken cancellation)
    {
        var references = new Dictionary<string, SectionReference[]>(StringComparer.Ordinal);
        var packing = new Packing();
        foreach (var (stream, result) in folded)
        {
            // By position: the order of sections decides which version of a key is the newest, wherever they are placed.
            var places = references[stream] = new SectionReference[result.NewSections.Count];
            for (var i = 0; i < places.Length; i++)
            {
                var section = result.NewSections[i];
                if (section.Reference is not null)
                {
                    places[i] = section.Reference with { From = seq, To = seq };
                    continue;
                }

                if (packing.Length > 0 && packing.Length + section.Blocks!.Length > SegmentBytesMax) await PutAsync(packing, seq, attempt, cancellation);
                packing.Add(section, places, i);
            }
        }

        if (packing.Length > 0) await PutAsync(packing, seq, attempt, cancellation);
        return references;
    }

    private async Task PutAsync(Packing packing, long seq, string attempt, CancellationToken cancellation)
    {
        var segment = packing.Finish(ObjectNames.Segment(_request.Source, seq, attempt, ++_segmentPart), seq, _core.Options.FooterPageBlocks);
        // The name is random, so nobody else's object is replaced, and a repeated put after a lost reply is none the worse.
        await _core.Objects.PutAsync(segment.Name, segment.Content, PutCondition.Replace, cancellation);
    }

    /// <summary>Caches only: the snapshot is committed, and nothing here may change that.</summary>
    private async Task CleanUpAsync(
        Manifest? parent, Manifest manifest, IReadOnlyDictionary<string, FoldedStream> folded, CancellationToken cancellation)
    {
        foreach (var (stream, index) in folded.Select(item => (item.Key, item.Value.Index)))
        {
            var oldRoot = parent?.Streams.GetValueOrDefault(stream) is { Live: > 0 } old ? old.Root : null;
            if (oldRoot == index.Root) continue;
            if (index.Count > 0) await _core.Indexes.PutAsync(manifest.Source, stream, index, manifest.Streams[stream], cancellation);
            else if (oldRoot is not null) await _core.Indexes.DeleteAsync(manifest.Source, stream, cancellation);
        }

        await new DraftStore(_core).DeleteAsync(_request.Outcomes.SelectMany(outcome => outcome.DraftObjects).Concat(folded.Values.SelectMany(result => result.Replaced)), cancellation);
    }

    /// <summary>A segment that is being filled; the places of its sections wait for its name.</summary>
    private sealed class Packing
    {
        private readonly List<(string Section, SectionReference[] Places, int Index)> _waiting = [];
        private SegmentFile _segment = new();

        public int Length { get; private set; }

        public void Add(NewSection section, SectionReference[] places, int index)
        {
            _segment.Add(section.Table, section.Blocks);
            _waiting.Add((section.Table.Id, places, index));
            Length += section.Blocks!.Length;
        }

        public SegmentFile.Finished Finish(string name, long seq, int blocksPerPage)
        {
            var finished = _segment.Finish(name, blocksPerPage);
            foreach (var (section, places, index) in _waiting) places[index] = finished.ReferenceTo(section, seq, seq);
            _waiting.Clear();
            (_segment, Length) = (new SegmentFile(), 0);
            return finished;
        }
    }
}
