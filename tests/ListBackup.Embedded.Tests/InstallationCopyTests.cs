using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Embedded.Tests;

/// <summary>The Host's own backup: taken while it runs, brought back elsewhere, never with what was erased since.</summary>
public sealed class InstallationCopyTests : IDisposable
{
    private static readonly ItemKey Key = new(Table.Accounts, "P", "S");

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 25, 6, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => _folder.File("data");

    private string Other => _folder.File("other");

    private InstallationCopy Copy => new(_folder.File("copy"), _clock);

    [Fact]
    public async Task An_installation_that_is_in_use_is_copied_and_comes_back_elsewhere()
    {
        await RunAsync(Data, async services =>
        {
            await PutAsync(services, "1");
            await services.GetRequiredService<ISecrets>().PutAsync("name", "value", Cancellation);
            await services.GetRequiredService<IQueues>().SendAsync(QueueName.Sync, "1", TimeSpan.Zero, Cancellation);
            await Bucket(services).PutAsync("m/s/1.json", "one"u8.ToArray(), PutCondition.CreateOnly, Cancellation);

            var state = Copy.Take(Data, withKey: false, keep: 3, Cancellation);

            (state.Objects, state.ObjectBytes, state.CopiedObjects).ShouldBe((1, 3, 1));
        });
        Directory.EnumerateFiles(_folder.File("copy"), "master.key", SearchOption.AllDirectories).ShouldBeEmpty();
        var restored = Copy.Restore(at: null, Other, Path.Combine(Data, "keys", "master.key"), Cancellation);

        (restored.Objects, restored.Damaged.Count).ShouldBe((1, 0));
        await RunAsync(Other, async services =>
        {
            (await BodyAsync(services)).ShouldBe("""{"v":1}""");
            (await services.GetRequiredService<ISecrets>().FindAsync("name", Cancellation)).ShouldBe("value");
            (await services.GetRequiredService<SqliteQueues>().StatesAsync(Cancellation)).ShouldHaveSingleItem().Visible.ShouldBe(1);
            (await Bucket(services).ReadAsync("m/s/1.json", Cancellation)).ShouldBe("one"u8.ToArray());
        });
    }

    [Fact]
    public async Task The_next_copy_reads_only_what_is_new_and_drops_what_was_deleted()
    {
        await RunAsync(Data, async services =>
        {
            var bucket = Bucket(services);
            await PutAsync(services, "1");
            foreach (var name in new[] { "s/a.seg", "s/b.seg", "k/erased.keys" }) await bucket.PutAsync(name, "x"u8.ToArray(), PutCondition.CreateOnly, Cancellation);
            Copy.Take(Data, withKey: true, keep: 2, Cancellation);
            await bucket.DeleteAsync("k/erased.keys", Cancellation);
            await bucket.PutAsync("s/c.seg", "yy"u8.ToArray(), PutCondition.CreateOnly, Cancellation);
            await PutAsync(services, "2");
            _clock.Advance(TimeSpan.FromDays(1));

            var second = Copy.Take(Data, withKey: true, keep: 2, Cancellation);

            (second.Objects, second.CopiedObjects, second.RemovedObjects).ShouldBe((3, 1, 1));
            Directory.EnumerateFiles(_folder.File("copy"), "erased.keys", SearchOption.AllDirectories).ShouldBeEmpty();
        });

        Copy.Restore(new DateTimeOffset(2026, 11, 25, 23, 0, 0, TimeSpan.Zero), Other, keyFile: null, Cancellation).At.Day.ShouldBe(25);

        await RunAsync(Other, async services => (await BodyAsync(services)).ShouldBe("""{"v":1}"""));
        // Times came with the objects: the restored installation is copied on from here.
        _clock.Advance(TimeSpan.FromDays(1));
        Copy.Take(Other, withKey: false, keep: 2, Cancellation).CopiedObjects.ShouldBe(0);
        Copy.ListStates().Select(state => state.At.Day).ShouldBe([27, 26]);
    }

    [Fact]
    public async Task A_damaged_object_is_named_and_everything_else_comes_back()
    {
        await RunAsync(Data, async services =>
        {
            await Bucket(services).PutAsync("s/a.seg", "aa"u8.ToArray(), PutCondition.CreateOnly, Cancellation);
            await Bucket(services).PutAsync("s/b.seg", "bb"u8.ToArray(), PutCondition.CreateOnly, Cancellation);
        });
        Copy.Take(Data, withKey: true, keep: 1, Cancellation);
        Copy.Check(Cancellation).Damaged.ShouldBeEmpty();
        await File.WriteAllTextAsync(_folder.File("copy/objects/bucket/s/a.seg"), "aX", Cancellation);

        Copy.Check(Cancellation).Damaged.ShouldBe(["objects/bucket/s/a.seg"]);
        var restored = Copy.Restore(at: null, Other, keyFile: null, Cancellation);

        restored.Damaged.ShouldBe(["bucket/s/a.seg"]);
        File.Exists(Path.Combine(Other, "objects", "bucket", "s", "a.seg")).ShouldBeFalse();
        (await File.ReadAllTextAsync(Path.Combine(Other, "objects", "bucket", "s", "b.seg"), Cancellation)).ShouldBe("bb");
    }

    [Fact]
    public async Task A_damaged_database_is_refused_before_anything_is_made()
    {
        await RunAsync(Data, services => PutAsync(services, "1"));
        Copy.Take(Data, withKey: true, keep: 1, Cancellation);
        var database = Directory.EnumerateFiles(_folder.File("copy"), "listbackup.db", SearchOption.AllDirectories).Single();
        using (var file = File.Open(database, FileMode.Open))
        {
            file.Position = 4096;
            file.WriteByte(0xFF);
        }

        Copy.Check(Cancellation).Damaged.ShouldHaveSingleItem().ShouldEndWith("/listbackup.db");
        Should.Throw<StorageException>(() => Copy.Restore(at: null, Other, keyFile: null, Cancellation)).Message.ShouldContain("is damaged");
        Directory.Exists(Other).ShouldBeFalse();
    }

    [Fact]
    public async Task A_damaged_installation_does_not_push_out_the_sound_copy()
    {
        await RunAsync(Data, async services =>
        {
            for (var i = 0; i < 200; i++) await services.GetRequiredService<IItemStore>().PutAsync(new Item { Key = new(Table.Accounts, "P", $"{i}"), Body = $$"""{"v":"{{new string('x', 500)}}"}""" }, Condition.None, Cancellation);
        });
        var sound = Copy.Take(Data, withKey: true, keep: 1, Cancellation);
        var database = Path.Combine(Data, "listbackup.db");
        using (var file = File.Open(database, FileMode.Open))
        {
            var page = new byte[4096];
            Array.Fill(page, (byte)0xAB);
            for (var position = 8 * 4096L; position + 4096 < file.Length; position += 4096)
            {
                file.Position = position;
                file.Write(page);
            }
        }
        _clock.Advance(TimeSpan.FromDays(1));

        Should.Throw<StorageException>(() => Copy.Take(Data, withKey: true, keep: 1, Cancellation)).Message.ShouldContain("damaged");

        Copy.ListStates().ShouldHaveSingleItem().At.ShouldBe(sound.At);
        Copy.Check(Cancellation).Damaged.ShouldBeEmpty();
    }

    [Fact]
    public async Task Neither_another_key_nor_none_nor_a_folder_in_use_is_taken()
    {
        await RunAsync(Data, services => PutAsync(services, "1"));
        await RunAsync(_folder.File("stranger"), services => PutAsync(services, "1"));
        Copy.Take(Data, withKey: false, keep: 1, Cancellation);
        string Refusal(string data, string? key) => Should.Throw<StorageException>(() => Copy.Restore(at: null, data, key, Cancellation)).Message;

        Refusal(Other, null).ShouldContain("--key-file");
        Refusal(Other, _folder.File("stranger/keys/master.key")).ShouldContain("is not the master key of this copy");
        Refusal(_folder.File("stranger"), Path.Combine(Data, "keys", "master.key")).ShouldContain("is not empty");
        Directory.Exists(Other).ShouldBeFalse();
        Should.Throw<StorageException>(() => new InstallationCopy(Path.Combine(Data, "copies"), _clock).Take(Data, false, 1, Cancellation)).Message.ShouldContain("within the data folder");
        Should.Throw<StorageException>(() => Copy.Take(_folder.File("nothing"), false, 1, Cancellation)).Message.ShouldContain("There is no installation");
        Should.Throw<StorageException>(() => new InstallationCopy(_folder.File("nothing"), _clock).ListStates()).Message.ShouldContain("There is no copy");
    }

    [Fact]
    public async Task What_a_killed_copy_left_behind_is_no_state_and_is_cleared_away()
    {
        await RunAsync(Data, services => PutAsync(services, "1"));
        Copy.Take(Data, withKey: true, keep: 2, Cancellation);
        var unfinished = _folder.File("copy/states/.20261125T070000000Z");
        Directory.CreateDirectory(unfinished);
        await File.WriteAllTextAsync(Path.Combine(unfinished, "listbackup.db"), "half", Cancellation);

        Copy.ListStates().Count.ShouldBe(1);
        _clock.Advance(TimeSpan.FromHours(1));
        Copy.Take(Data, withKey: true, keep: 2, Cancellation);

        Copy.ListStates().Count.ShouldBe(2);
        Directory.Exists(unfinished).ShouldBeFalse();
    }

    public void Dispose() => _folder.Dispose();

    private static IObjectStore Bucket(IServiceProvider services) => services.GetRequiredService<IObjectStores>().Bucket("bucket");

    private static Task PutAsync(IServiceProvider services, string value) =>
        services.GetRequiredService<IItemStore>().PutAsync(new Item { Key = Key, Body = $$"""{"v":{{value}}}""" }, Condition.None, Cancellation);

    private static async Task<string> BodyAsync(IServiceProvider services) => (await services.GetRequiredService<IItemStore>().GetAsync(Key, Cancellation))!.Body;

    private static async Task RunAsync(string data, Func<IServiceProvider, Task> work)
    {
        using var folder = DataFolder.Open(data);
        using var host = new HostBuilder().ConfigureLogging(logging => logging.ClearProviders()).ConfigureServices(services => services.AddEmbeddedPorts(folder, new())).Build();
        await host.StartAsync(Cancellation);
        await work(host.Services);
        await host.StopAsync(Cancellation);
    }
}
