using System.Text;
using CsCheck;
using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Histories;

public sealed class HistoryTests
{
    [Theory]
    [InlineData(1, 32 * 1024 * 1024, 2 * 1024 * 1024)]
    [InlineData(5_000, 32 * 1024 * 1024, 2 * 1024 * 1024)]
    [InlineData(5_000, 2_000, 0)]
    [InlineData(1, 40, 2 * 1024 * 1024)]
    public async Task Whatever_happens_every_snapshot_is_what_the_model_says(int expectedRecords, int bufferBytes, int packedBytes)
    {
        var options = new VaultOptions { BufferBytesMax = bufferBytes, SpillBytesMax = 4 * bufferBytes, PackedSectionBytesMax = packedBytes, ReadWindowBytesMax = 300 };
        await RandomRun.History.SampleAsync(runs => CheckAsync(runs, expectedRecords, options), iter: 30, threads: 2);
    }

    private static async Task CheckAsync(RandomRun[] runs, int expectedRecords, VaultOptions options)
    {
        var (vault, model) = (await CreateAsync(new MemoryObjects(), options), new VaultModel());
        for (var i = 0; i < runs.Length; i++)
        {
            var read = await RunAsync(vault, runs[i], $"run {i}", expectedRecords);
            model.Apply(runs[i], read);
            await vault.ReopenAsync(options);
            await CompareAsync(vault, model, model.Newest);
        }

        for (var seq = 1; seq <= model.Newest; seq++) await CompareAsync(vault, model, seq);
        await CompareHistoriesAsync(vault, model);
        for (var from = 0; from <= model.Newest; from++)
        {
            for (var to = Math.Max(1, from); to <= model.Newest; to++) await CompareDifferencesAsync(vault, model, from, to);
        }

        await vault.ShouldBeSoundAsync();
    }

    /// <summary>Plays a run with its crashes; returns the steps as the vault saw them, those lost in a crash and read again left out.</summary>
    internal static async Task<IReadOnlyList<RandomStep>> RunAsync(VaultFixture vault, RandomRun run, string name, int expectedRecords)
    {
        var request = Request(name, run.Mode);
        request = request with { Settings = request.Settings with { ExpectedRecords = expectedRecords } };
        var backup = await vault.Vault.BackUpStreamAsync(request, Cancellation);
        for (var i = 0; i < run.Steps.Count; i++)
        {
            var step = run.Steps[i];
            switch (step.Kind)
            {
                case StepKind.Put:
                    (await backup.WriteAsync(Utf8(step.Json), Cancellation)).IsAccepted.ShouldBeTrue();
                    break;
                case StepKind.Delete:
                    await backup.DeleteAsync(step.Key, Cancellation);
                    break;
                case StepKind.List:
                    backup.MarkLive(step.Key);
                    break;
                case StepKind.Bad:
                    (await backup.WriteAsync(Utf8("{"), Cancellation)).IsAccepted.ShouldBeFalse();
                    break;
                case StepKind.Draft:
                    await backup.SaveDraftAsync($"{i}", Cancellation);
                    break;
                case StepKind.Crash:
                    backup = await vault.Vault.BackUpStreamAsync(request, Cancellation);
                    var resumeAt = backup.DraftCursor is null ? 0 : int.Parse(backup.DraftCursor) + 1;
                    for (var again = resumeAt; again < i; again++) await RepeatAsync(backup, run.Steps[again]);
                    break;
            }
        }

        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = run.IsComplete }, Cancellation);
        (await vault.Vault.FindOutcomesAsync(Source, name, Cancellation)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(found => found.Counts.ShouldBe(outcome.Counts));
        await vault.CommitAsync(outcome);
        return run.Steps;
    }

    private static async Task RepeatAsync(StreamBackup backup, RandomStep step)
    {
        if (step.Kind == StepKind.Put) await backup.WriteAsync(Utf8(step.Json), Cancellation);
        else if (step.Kind == StepKind.Delete) await backup.DeleteAsync(step.Key, Cancellation);
        else if (step.Kind == StepKind.List) backup.MarkLive(step.Key);
        else if (step.Kind == StepKind.Bad) await backup.WriteAsync(Utf8("{"), Cancellation);
    }

    private static async Task CompareAsync(VaultFixture vault, VaultModel model, int seq)
    {
        (await vault.RestoreAsync(seq)).ShouldBe(model.At(seq).OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value));
        var reader = await vault.Vault.OpenSnapshotAsync(Source, seq, Cancellation);
        reader.Snapshot.Streams[0].Live.ShouldBe(model.At(seq).Count);
        reader.Snapshot.Streams[0].Added.ShouldBe(model.At(seq).Keys.Except(model.At(seq - 1).Keys).Count());
        reader.Snapshot.Streams[0].Deleted.ShouldBe(model.At(seq - 1).Keys.Except(model.At(seq).Keys).Count());
        foreach (var id in Enumerable.Range(0, 13))
        {
            var found = await reader.FindAsync(Contacts, $"k{id}", Cancellation);
            (found is null ? null : Encoding.UTF8.GetString(found.Json.Span)).ShouldBe(model.At(seq).GetValueOrDefault($"k{id}"));
        }

        var (paged, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await reader.QueryAsync(Contacts, new RecordQuery { Limit = 2, Cursor = cursor }, Cancellation);
            paged.AddRange(page.Records.Select(record => record.Key));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        paged.ShouldBe(model.At(seq).Keys, ignoreOrder: true);
        var deleted = await BackupVaultTests.ToListAsync(reader.ReadDeletedAsync(Contacts, Cancellation));
        deleted.Select(record => record.Key).ShouldBe(
            Enumerable.Range(1, seq).SelectMany(earlier => model.At(earlier).Keys).Distinct().Except(model.At(seq).Keys), ignoreOrder: true);
    }

    private static async Task CompareHistoriesAsync(VaultFixture vault, VaultModel model)
    {
        var reader = await vault.Vault.OpenHistoryAsync(Source, Contacts, Cancellation);
        foreach (var (key, expected) in model.History)
        {
            var history = await reader.ReadAsync(key, Cancellation);
            history.Select(version => (version.Seq, version.Operation, version.Json is { } json ? Encoding.UTF8.GetString(json.Span) : null))
                .Where(version => IsNews(version, expected)).ShouldBe(expected);
        }
    }

    /// <summary>A run that changes a record and changes it back stores the way, which is more than the model remembers.</summary>
    private static bool IsNews((long Seq, RecordOperation Operation, string?) version, List<(long Seq, RecordOperation Operation, string?)> expected) =>
        expected.Exists(known => known.Seq == version.Seq);

    internal static async Task CompareDifferencesAsync(VaultFixture vault, VaultModel model, int from, int to)
    {
        var (before, after) = (model.At(from), model.At(to));
        var expected = before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)).Select(key => (key, KindOf(key)));

        var differences = await BackupVaultTests.ToListAsync(vault.Vault.DiffAsync(Source, Contacts, from, to, Cancellation));

        differences.Select(difference => (difference.Key, difference.Kind)).ShouldBe(expected, ignoreOrder: true);
        differences.Where(difference => difference.Kind == DifferenceKind.Changed).ShouldAllBe(difference => difference.ChangedFields.Single() == "/value");

        DifferenceKind KindOf(string key) => !before.ContainsKey(key) ? DifferenceKind.Added : !after.ContainsKey(key) ? DifferenceKind.Deleted : DifferenceKind.Changed;
    }
}
