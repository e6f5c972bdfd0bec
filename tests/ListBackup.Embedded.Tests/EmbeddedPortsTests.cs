using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ListBackup.Embedded.Tests;

public sealed class EmbeddedPortsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_has_every_port_and_finds_its_data_again_after_a_restart()
    {
        var key = new ItemKey(Table.Accounts, "P", "S");
        await RunAsync(async services =>
        {
            await services.GetRequiredService<IItemStore>().PutAsync(new Item { Key = key, Body = "{}" }, Condition.Absent, Cancellation);
            await services.GetRequiredService<ISecrets>().PutAsync("name", "value", Cancellation);
            await services.GetRequiredService<IObjectStores>().Bucket("bucket").PutAsync("o", "x"u8.ToArray(), PutCondition.CreateOnly, Cancellation);
            await services.GetRequiredService<IQueues>().SendAsync(QueueName.Sync, "1", TimeSpan.Zero, Cancellation);
            await services.GetRequiredService<IMail>().SendAsync(new("a@example.com", "s", "t"), Cancellation);
        });

        await RunAsync(async services =>
        {
            (await services.GetRequiredService<IItemStore>().GetAsync(key, Cancellation)).ShouldNotBeNull();
            (await services.GetRequiredService<ISecrets>().FindAsync("name", Cancellation)).ShouldBe("value");
            (await services.GetRequiredService<IObjectStores>().Bucket("bucket").ReadAsync("o", Cancellation)).ShouldBe("x"u8.ToArray());
            (await services.GetRequiredService<SqliteQueues>().StatesAsync(Cancellation)).ShouldHaveSingleItem().Visible.ShouldBe(1);
            (await services.GetRequiredService<IDeadLetters>().ListAsync(QueueName.Sync, null, 1, Cancellation)).Letters.ShouldBeEmpty();
            services.GetRequiredService<IKeys>().ShouldBeOfType<FileKeys>();
        });

        Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder.Path, path)).Order(StringComparer.Ordinal)
            .ShouldBe(["keys/master.key", "listbackup.db", "listbackup.lock", "objects/bucket/o", Outbox()]);
    }

    [Fact]
    public void A_folder_in_use_is_refused_in_one_line()
    {
        using var first = DataFolder.Open(_folder.Path);

        var refusal = Should.Throw<DataFolderException>(() => DataFolder.Open(_folder.Path));

        refusal.Message.ShouldBe($"The data folder {_folder.Path} is used by another ListBackup process. Stop it, or choose another folder with --data.");
    }

    [Fact]
    public async Task A_database_without_its_master_key_is_refused_and_no_new_key_made()
    {
        await RunAsync(_ => Task.CompletedTask);
        File.Delete(_folder.File("keys/master.key"));

        var refusal = await Should.ThrowAsync<StorageException>(() => RunAsync(_ => Task.CompletedTask));

        refusal.Message.ShouldContain("Put back your copy");
        File.Exists(_folder.File("keys/master.key")).ShouldBeFalse();
    }

    [Fact]
    public async Task Handlers_are_fed_and_ticked_with_services_of_their_own_scope()
    {
        await RunAsync(async services =>
        {
            await services.GetRequiredService<IQueues>().SendAsync(QueueName.Plan, "message", TimeSpan.Zero, Cancellation);

            var seen = services.GetRequiredService<Seen>();
            (await seen.Message.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).ShouldBe("message");
            await seen.Tick.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        }, services => services.AddSingleton<Seen>().AddQueueHandler<Handler>(QueueName.Plan, 2).AddScheduledHandler<Ticker>(TimeSpan.FromMinutes(1)));
    }

    private async Task RunAsync(Func<IServiceProvider, Task> use, Action<IServiceCollection>? add = null)
    {
        using var folder = DataFolder.Open(_folder.Path);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddEmbeddedPorts(folder, new EmbeddedOptions());
        add?.Invoke(builder.Services);
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        await use(host.Services);
        await host.StopAsync(Cancellation);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private string Outbox() => Path.GetRelativePath(_folder.Path, Directory.EnumerateFiles(_folder.File("outbox")).ShouldHaveSingleItem());

    public void Dispose() => _folder.Dispose();

    private sealed class Seen
    {
        public TaskCompletionSource<string> Message { get; } = new();

        public TaskCompletionSource Tick { get; } = new();
    }

    private sealed class Handler(Seen seen) : IMessageHandler
    {
        public Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
        {
            seen.Message.TrySetResult(message.Body);
            return Task.CompletedTask;
        }
    }

    private sealed class Ticker(Seen seen) : IScheduledHandler
    {
        public Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
        {
            seen.Tick.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
