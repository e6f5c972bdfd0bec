using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ListBackup.Embedded.Tests;

/// <summary>What child processes do. Each line that they write says what was acknowledged before.</summary>
internal static class ChildScenarios
{
    public static Task RunAsync(string name, string folder) => name switch
    {
        nameof(WriteItems) => WriteItems(folder),
        nameof(SendAndHandle) => SendAndHandle(folder),
        nameof(PutObjects) => PutObjects(folder),
        nameof(FillItems) => FillItems(folder),
        nameof(FillObjects) => FillObjects(folder),
        _ => throw new ArgumentException($"There is no scenario {name}."),
    };

    /// <summary>Many writers at once, so that group commits have several writes.</summary>
    private static async Task WriteItems(string folder)
    {
        await using var database = SqliteDatabase.Open(Path.Combine(folder, "items.db"), TimeProvider.System);
        var items = new SqliteItems(database, TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async writer =>
        {
            for (var n = 0; ; n++)
            {
                // Two items that belong together: neither may be there without the other.
                ItemWrite[] pair = [ItemWrite.Putting(Item($"a#{writer}#{n}")), ItemWrite.Putting(Item($"b#{writer}#{n}"))];
                await items.TransactAsync(pair, CancellationToken.None);
                Say($"{writer}#{n}");
            }
        }));
    }

    /// <summary>Sends without end, and handles what it sent; says both.</summary>
    private static async Task SendAndHandle(string folder)
    {
        using var data = DataFolder.Open(folder);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddEmbeddedPorts(data, new EmbeddedOptions());
        builder.Services.AddQueueHandler<SayingHandler>(QueueName.Sync, 4);
        using var host = builder.Build();
        await host.StartAsync();
        for (var n = 0; ; n++)
        {
            await host.Services.GetRequiredService<IQueues>().SendAsync(QueueName.Sync, $"{n}", TimeSpan.Zero, CancellationToken.None);
            Say($"sent {n}");
        }
    }

    private static async Task PutObjects(string folder)
    {
        var store = new FileObjectStores(Path.Combine(folder, "objects")).Bucket("bucket");
        for (var n = 0; ; n++)
        {
            await store.PutAsync($"o/{n}", Content(n), PutCondition.CreateOnly, CancellationToken.None);
            Say($"{n}");
        }
    }

    /// <summary>Writes until the disk is full; shows that reading and, after deleting, writing still works.</summary>
    private static async Task FillItems(string folder)
    {
        await using var database = SqliteDatabase.Open(Path.Combine(folder, "items.db"), TimeProvider.System);
        var items = new SqliteItems(database, TimeProvider.System);
        var n = 0;
        try
        {
            for (; ; n++)
            {
                await items.PutAsync(Item($"{n:00000}", new string('x', 20_000)), Condition.Absent, CancellationToken.None);
                Say($"{n:00000}");
            }
        }
        catch (StorageException full)
        {
            Say($"stopped {full.GetType().Name}");
        }
        Say((await items.GetAsync(Item($"{n - 1:00000}").Key, CancellationToken.None)) is null ? "lost" : "readable");
    }

    private static async Task FillObjects(string folder)
    {
        var store = new FileObjectStores(Path.Combine(folder, "objects")).Bucket("bucket");
        try
        {
            for (var n = 0; ; n++)
            {
                await store.PutAsync($"o/{n}", new byte[(n + 1) * 60_000], PutCondition.CreateOnly, CancellationToken.None);
                Say($"{n}");
            }
        }
        catch (ObjectStoreFullException)
        {
            Say("full");
        }
    }

    public static byte[] Content(int n) => [.. Enumerable.Repeat((byte)n, 50_000)];

    private static Item Item(string sort, string body = "{}") => new() { Key = new(Table.Sources, "P", sort), Body = body };

    private static void Say(string line)
    {
        // One call, so that lines of several threads do not mix; the console flushes each.
        Console.WriteLine(line);
    }

    private sealed class SayingHandler : IMessageHandler
    {
        public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
        {
            // Long enough that a kill meets messages in the middle of their handling.
            await Task.Delay(1, cancellation);
            Say($"handled {message.Body}");
        }
    }
}
