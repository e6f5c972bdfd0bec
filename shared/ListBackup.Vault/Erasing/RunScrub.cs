using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Maintaining;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Erasing;

/// <summary>What a run may commit of what it read.</summary>
/// <param name="Sections">Its sections.</param>
/// <param name="Changes">Its changes.</param>
/// <param name="Lost">Changes of records that were not erased and share a group with one that was, under keys that are forgotten: the next run must read them again.</param>
/// <param name="Replaced">Objects that the sections were in before, which nothing will refer to.</param>
internal sealed record ScrubbedRun(IReadOnlyList<NewSection> Sections, ChangeTable Changes, long Lost, IReadOnlyList<string> Replaced);

/// <summary>
/// Takes out of a run what an erasure, which came between the run's beginning and its commit, forbids to commit: erased records, and blocks
/// whose keys the erasure has forgotten or is about to forget. Does nothing in nearly every run.
/// </summary>
/// <param name="core">The vault.</param>
/// <param name="source">Id of the source.</param>
/// <param name="stream">Name of the stream.</param>
/// <param name="erased">Key hashes that the ledger names.</param>
/// <param name="forgotten">What the parent manifest says is forgotten.</param>
/// <param name="seq">Number of the snapshot to be.</param>
internal sealed class RunScrub(VaultCore core, string source, string stream, IReadOnlySet<Hash128> erased, IReadOnlyList<ForgottenGroups> forgotten, long seq)
{
    private readonly StreamSecrets _secrets = core.Secrets.Stream(source, stream);
    private readonly NewSectionLines _lines = new(core);

    public async Task<ScrubbedRun> ScrubAsync(IReadOnlyList<NewSection> sections, ChangeTable changes, CancellationToken cancellation)
    {
        var hasErased = erased.Count > 0 && Enumerable.Range(0, changes.Count).Any(i => erased.Contains(changes.KeyHashAt(i)));
        // Nearly always the keys are newer than every erasure that the parent knows.
        var isNewer = sections.All(section => forgotten.All(entry => section.Table.KeyEpoch >= entry.Before));
        if (sections.Count == 0 || (!hasErased && isNewer)) return new ScrubbedRun(sections, changes, 0, []);

        var full = new List<NewSection>();
        foreach (var section in sections) full.Add(await _lines.CompleteAsync(section, cancellation));

        var keys = await core.StreamKeys.FindNewestAsync(source, stream, cancellation)
            ?? throw new VaultDamagedException(ObjectNames.StreamKeysOf(source, stream), 0, "The keys of the stream are gone.");
        var division = full.Max(section => section.Table.Groups);
        var lost = full.SelectMany(section => DeadGroups(section, keys).SelectMany(group => Forgotten.In(group, section.Table.Groups, division))).ToHashSet();
        if (!hasErased && lost.Count == 0) return new ScrubbedRun(sections, changes, 0, []);

        bool IsKept(Hash128 keyHash) => !erased.Contains(keyHash) && !lost.Contains(keyHash.Group(division));
        var (kept, replaced) = (new List<NewSection>(), new List<string>());
        var hits = Enumerable.Range(0, changes.Count).Select(changes.KeyHashAt).Where(erased.Contains).ToList();
        foreach (var section in full)
        {
            if (Skip(section, keys, lost, division, hits) is { } skipping)
            {
                kept.Add(skipping);
                continue;
            }

            kept.AddRange(await RewriteAsync(section, keys, IsKept, cancellation));
            if (section.Reference is { } reference) replaced.Add(reference.Object);
        }

        var (left, lostCount) = (new ChangeTable(), 0L);
        for (var i = 0; i < changes.Count; i++)
        {
            var keyHash = changes.KeyHashAt(i);
            if (IsKept(keyHash)) left.Set(keyHash, changes.RecordHashAt(i), changes.KeyAt(i));
            else if (!erased.Contains(keyHash)) lostCount++;
        }

        return new ScrubbedRun(kept, left, lostCount, replaced);
    }

    /// <summary>
    /// A large section as it is, but for the groups that are lost; null when it is small, when a readable block may hold an erased record, or when a lost
    /// range is only a part of one of its groups.
    /// </summary>
    private NewSection? Skip(NewSection section, StreamKeys keys, HashSet<int> lost, int division, List<Hash128> hits)
    {
        if (section.Reference is not { } reference) return null;
        var groups = section.Table.Blocks.Select(block => block.Group).ToHashSet();
        var without = groups.Where(group => Forgotten.In(group, section.Table.Groups, division).Any(lost.Contains)).Order().ToList();
        if (without.Any(group => !Forgotten.In(group, section.Table.Groups, division).All(lost.Contains))) return null;
        groups.ExceptWith(DeadGroups(section, keys));
        return hits.Exists(hash => groups.Contains(hash.Group(section.Table.Groups))) ? null : section with { Reference = reference with { Without = without } };
    }

    /// <summary>Groups whose keys are forgotten: by the parent, or by an erasure that the parent does not know, which the commit will meet.</summary>
    private HashSet<int> DeadGroups(NewSection section, StreamKeys keys) => [.. section.Table.Blocks.Select(block => block.Group)
        .Where(group => keys.Find(section.Table.KeyEpoch, group) is null || Forgotten.Covers(forgotten, section.Table.KeyEpoch, section.Table.Groups, group))];

    private async Task<IEnumerable<NewSection>> RewriteAsync(NewSection section, StreamKeys keys, Func<Hash128, bool> isKept, CancellationToken cancellation)
    {
        var dead = DeadGroups(section, keys);
        using var sections = new RowSections(core, source, stream, keys);
        // Whole ranges of the coarser of the two divisions, so that groups are added whole and in order.
        var ranges = Math.Min(section.Table.Groups, keys.Newest.Groups);
        var blocks = Enumerable.Range(0, section.Table.Blocks.Count).Where(block => !dead.Contains(section.Table.Blocks[block].Group));
        foreach (var range in blocks.GroupBy(block => Forgotten.In(section.Table.Blocks[block].Group, section.Table.Groups, ranges).First()))
        {
            var rows = new List<StoredRow>();
            foreach (var block in range) rows.AddRange((await RowsOfAsync(section, block, keys, cancellation)).Where(row => isKept(row.KeyHash)));
            sections.Add(rows);
        }

        var rewritten = new List<NewSection>();
        foreach (var built in sections.Finish()) rewritten.Add(await PlaceAsync(built.Section, isLarge: section.Reference is not null, cancellation));
        return rewritten;
    }

    private async Task<NewSection> PlaceAsync(BuiltSection built, bool isLarge, CancellationToken cancellation)
    {
        if (!isLarge)
        {
            var (table, bytes) = built.Segment.TakeOnlySection();
            return new NewSection(table, bytes, null);
        }

        var finished = built.Segment.Finish(ObjectNames.Segment(source, seq, MaintenanceCommitter.NewId(), part: 1), core.Options.FooterPageBlocks);
        await core.Objects.PutAsync(finished.Name, finished.Content, PutCondition.Replace, cancellation);
        return new NewSection(built.Table, null, finished.ReferenceTo(built.Table.Id));
    }

    private async Task<IReadOnlyList<StoredRow>> RowsOfAsync(NewSection section, int block, StreamKeys keys, CancellationToken cancellation) =>
        [.. (await _lines.ReadAsync(section, block, keys, cancellation)).Select(line => StoredRow.Of(line, _secrets.HashKey(line.Key), 0, saysSeq: false))];
}
