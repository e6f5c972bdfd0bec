using System.Diagnostics;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Embedded.Tests;

/// <summary>No space left: a typed refusal, nothing acknowledged lost, nothing half there, and it goes on once there is space.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_that_does_not_fit_is_refused_alone_and_the_database_goes_on()
    {
        await using var database = SqliteDatabase.Open(_folder.File("items.db"), TimeProvider.System);
        var items = new SqliteItems(database, TimeProvider.System);
        await items.PutAsync(Item("before"), Condition.None, Cancellation);
        await LimitAsync(database, pagesMore: 20);

        // Sent together, so that they share a group commit with the one that is too large.
        var small = Enumerable.Range(0, 10).Select(n => items.PutAsync(Item($"small{n}"), Condition.None, Cancellation)).ToList();
        var large = items.PutAsync(Item("large", new string('x', 300_000)), Condition.None, Cancellation);

        await Should.ThrowAsync<StorageFullException>(() => large);
        await Task.WhenAll(small);
        (await items.GetAsync(Item("large").Key, Cancellation)).ShouldBeNull();
        (await items.GetAsync(Item("before").Key, Cancellation)).ShouldNotBeNull();

        await LimitAsync(database, pagesMore: 1000);
        await items.PutAsync(Item("large", new string('x', 300_000)), Condition.Absent, Cancellation);
    }

    [Fact]
    public async Task On_a_full_file_system_every_acknowledged_item_is_still_there()
    {
        await using var disk = await SmallDisk.MountAsync(_folder, Cancellation);
        using var child = Child.Start("FillItems", disk.Path);

        var lines = await child.RestAsync(Cancellation);

        lines.TakeLast(2).ShouldBe(["stopped StorageFullException", "readable"]);
        var acknowledged = lines.SkipLast(2).ToList();
        acknowledged.Count.ShouldBeGreaterThan(20);
        await ShouldHoldAsync(disk.Path, acknowledged);
    }

    [Fact]
    public async Task Beyond_a_limit_of_file_size_every_acknowledged_item_is_still_there()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "ulimit is of Unix.");
        // 2048 blocks of 512 or 1024 bytes, as the shell counts. The runtime's W^X needs a large file in memory, which the limit would refuse.
        using var child = Child.Start("FillItems", _folder.Path, "export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 2048; exec {0}");

        var lines = await child.RestAsync(Cancellation);

        lines[^2].ShouldStartWith("stopped Storage");
        lines[^1].ShouldBe("readable");
        await ShouldHoldAsync(_folder.Path, lines.SkipLast(2));
    }

    [Fact]
    public async Task On_a_full_file_system_no_half_object_stays()
    {
        await using var disk = await SmallDisk.MountAsync(_folder, Cancellation);
        using var child = Child.Start("FillObjects", disk.Path);

        var lines = await child.RestAsync(Cancellation);

        lines[^1].ShouldBe("full");
        var store = new FileObjectStores(Path.Combine(disk.Path, "objects")).Bucket("bucket");
        var names = new List<string>();
        await foreach (var head in store.ListAsync("", null, Cancellation))
        {
            names.Add(head.Name);
            head.Size.ShouldBe((int.Parse(head.Name[2..]) + 1) * 60_000);
        }
        names.ShouldBe(lines.SkipLast(1).Select(line => $"o/{line}").Order(StringComparer.Ordinal));
        Directory.EnumerateFiles(Path.Combine(disk.Path, "objects/.tmp")).ShouldBeEmpty();
        // What was freed can be used again.
        await store.DeleteAsync("o/3", Cancellation);
        await store.PutAsync("after", new byte[60_000], PutCondition.CreateOnly, Cancellation);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task ShouldHoldAsync(string folder, IEnumerable<string> acknowledged)
    {
        await using var database = SqliteDatabase.Open(Path.Combine(folder, "items.db"), TimeProvider.System);
        var items = new SqliteItems(database, TimeProvider.System);
        foreach (var sort in acknowledged) (await items.GetAsync(Item(sort).Key, Cancellation)).ShouldNotBeNull(sort);
    }

    private static async Task LimitAsync(SqliteDatabase database, int pagesMore)
    {
        var pages = await database.ReadAsync(session => session.First("PRAGMA page_count", row => row.GetInt32(0)), Cancellation);
        await database.WriteAsync(session => session.First($"PRAGMA max_page_count = {pages + pagesMore}", row => row.GetInt32(0)), Cancellation);
    }

    private static Item Item(string sort, string body = "{}") => new() { Key = new(Table.Sources, "P", sort), Body = body };

    /// <summary>A file system of 2 MB in memory. Where mounting is not allowed the test is skipped.</summary>
    private sealed class SmallDisk(string path) : IAsyncDisposable
    {
        public string Path => path;

        public static async Task<SmallDisk> MountAsync(TempFolder folder, CancellationToken cancellation)
        {
            var path = folder.File("disk");
            Directory.CreateDirectory(path);
            Assert.SkipUnless(OperatingSystem.IsLinux() && await RunAsync($"mount -t tmpfs -o size=2m tmpfs '{path}' 2>/dev/null", cancellation) == 0, "No right to mount.");
            return new(path);
        }

        public async ValueTask DisposeAsync() => await RunAsync($"umount '{path}'", CancellationToken.None);

        private static async Task<int> RunAsync(string command, CancellationToken cancellation)
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", command } }) ?? throw new InvalidOperationException("No shell.");
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode;
        }
    }
}
