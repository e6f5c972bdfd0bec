using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Writing;

/// <summary>A platform may have thousands of lists, most of them empty. scripts/bench vault hostile streams measures 10,000.</summary>
public sealed class EmptyStreamsTests
{
    // Requests for a stream without a record: its drafts are looked for, the newest manifest is, its end is put, and the draft is read (by who commits elsewhere) and deleted.
    private const int RequestsPerStreamMax = 6;
    private const int RequestsMax = 20;
    private const int ManifestBytesPerStreamMax = 600;

    [Theory]
    [InlineData(10)]
    [InlineData(400)]
    public async Task Streams_without_a_record_cost_a_few_requests_each_and_nothing_when_they_are_read_back(int count)
    {
        var objects = new MemoryObjects();
        var counting = new FaultyObjects(objects);
        var vault = await CreateAsync(counting);

        foreach (var run in new[] { "first", "second" })
        {
            await vault.ReopenAsync();
            var before = counting.RequestCount;
            var snapshot = await BackUpAsync(vault, run, count);
            (counting.RequestCount - before).ShouldBeLessThanOrEqualTo((RequestsPerStreamMax * count) + RequestsMax, run);
            snapshot.Streams.Count.ShouldBe(count);
            snapshot.Streams.ShouldAllBe(stream => stream.Live == 0 && stream.Coverage.Level == CoverageLevel.Consistent);
            objects.Contents[$"m/{Source}/{snapshot.Seq:000000000000}.json"].Length.ShouldBeLessThan((ManifestBytesPerStreamMax * count) + 2_000);
        }

        objects.Contents.Keys.ShouldAllBe(name => !name.StartsWith("s/", StringComparison.Ordinal) && !name.StartsWith("d/", StringComparison.Ordinal) && !name.StartsWith("x/keys/", StringComparison.Ordinal) && !name.StartsWith("x/drafts/", StringComparison.Ordinal));
        await vault.ReopenAsync();
        var beforeReading = counting.RequestCount;
        (await vault.VerifyAsync()).Problems.ShouldBeEmpty();
        var reader = await vault.Vault.OpenSnapshotAsync(Source, seq: null, Cancellation);
        foreach (var stream in reader.Snapshot.Streams) (await BackupVaultTests.ToListAsync(reader.ReadSortedAsync(stream.Stream, Cancellation))).ShouldBeEmpty();
        (counting.RequestCount - beforeReading).ShouldBeLessThanOrEqualTo(RequestsMax, "no request for a stream without a record");
    }

    private static async Task<Snapshot> BackUpAsync(VaultFixture vault, string run, int count)
    {
        var outcomes = new List<StreamOutcome>();
        for (var number = 0; number < count; number++) outcomes.Add(await vault.ReadAsync(Request(run, stream: $"list {number}")));
        return await vault.CommitAsync([.. outcomes]);
    }
}
