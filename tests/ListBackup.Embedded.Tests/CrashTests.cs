using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ListBackup.Embedded.Tests;

/// <summary>kill -9 in the middle of work: what was acknowledged is there, what belongs together is there together.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1), InlineData(50), InlineData(400)]
    public async Task Acknowledged_items_survive_and_transactions_are_whole(int linesBefore)
    {
        using var child = Child.Start("WriteItems", _folder.Path);
        var acknowledged = await AcknowledgedAsync(child, linesBefore);

        await using var database = SqliteDatabase.Open(_folder.File("items.db"), TimeProvider.System);
        var items = new SqliteItems(database, TimeProvider.System);
        var sorts = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var item in items.AllAsync(new ItemQuery { Table = Table.Sources, Partition = "P" }, Cancellation)) sorts.Add(item.Key.Sort);

        acknowledged.Where(line => !sorts.Contains($"a#{line}")).ShouldBeEmpty();
        sorts.Where(sort => sort.StartsWith("a#")).Select(sort => sort[2..]).Order().ShouldBe(sorts.Where(sort => sort.StartsWith("b#")).Select(sort => sort[2..]).Order());
        IntegrityOf(database).ShouldBe("ok");
    }

    [Theory]
    [InlineData(5), InlineData(200)]
    public async Task Every_acknowledged_message_is_handled_before_or_after(int linesBefore)
    {
        using var child = Child.Start("SendAndHandle", _folder.Path);
        var lines = await AcknowledgedAsync(child, linesBefore);
        var sent = lines.Where(line => line.StartsWith("sent ")).Select(line => line["sent ".Length..]).ToHashSet();
        var handled = lines.Where(line => line.StartsWith("handled ")).Select(line => line["handled ".Length..]).ToHashSet();

        using var data = DataFolder.Open(_folder.Path);
        var rest = new Rest();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddEmbeddedPorts(data, new EmbeddedOptions()).AddSingleton(rest).AddQueueHandler<RestHandler>(QueueName.Sync, 4);
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        var queues = host.Services.GetRequiredService<SqliteQueues>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        // Empty long before any visibility time-out, which shows that the dead process's claims were given back.
        while ((await queues.StatesAsync(Cancellation)).Count > 0) await Task.Delay(10, limit.Token);

        sent.Count.ShouldBeGreaterThan(0);
        sent.Where(body => !handled.Contains(body) && !rest.Bodies.ContainsKey(body)).ShouldBeEmpty();
        await host.StopAsync(Cancellation);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    [Fact]
    public async Task Acknowledged_objects_survive_and_no_half_object_has_a_name()
    {
        using var child = Child.Start("PutObjects", _folder.Path);
        var acknowledged = await AcknowledgedAsync(child, 60);

        var store = new FileObjectStores(_folder.File("objects")).Bucket("bucket");
        var names = new List<string>();
        await foreach (var head in store.ListAsync("", null, Cancellation)) names.Add(head.Name);

        acknowledged.Where(line => !names.Contains($"o/{line}")).ShouldBeEmpty();
        foreach (var name in names) (await store.ReadAsync(name, Cancellation)).ShouldBe(ChildScenarios.Content(int.Parse(name[2..])));
        Directory.EnumerateFiles(_folder.File("objects/.tmp")).ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<List<string>> AcknowledgedAsync(Child child, int linesBefore)
    {
        var lines = new List<string>();
        while (lines.Count < linesBefore) lines.Add((await child.ReadLineAsync(Cancellation)).ShouldNotBeNull());
        return [.. lines, .. await child.KillAsync(Cancellation)];
    }

    private static string? IntegrityOf(SqliteDatabase database) =>
        database.ReadAsync(session => session.First("PRAGMA integrity_check", row => row.GetString(0)), Cancellation).GetAwaiter().GetResult();

    private sealed class Rest
    {
        public System.Collections.Concurrent.ConcurrentDictionary<string, bool> Bodies { get; } = new(StringComparer.Ordinal);
    }

    private sealed class RestHandler(Rest rest) : IMessageHandler
    {
        public Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
        {
            rest.Bodies[message.Body] = true;
            return Task.CompletedTask;
        }
    }
}
