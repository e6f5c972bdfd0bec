using CsCheck;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Embedded.Tests;

/// <summary>Random histories: SQLite answers each step as the model in memory does, and side by side as if one after the other.</summary>
public sealed class ItemModelTests : IAsyncDisposable
{
    // Prefixes of each other, and characters whose order differs between UTF-8 and UTF-16.
    private static readonly string[] Sorts = ["a", "a#", "a#1", "a#2", "b", "é", "\uFFFD", "🦊"];

    private static readonly Gen<Condition> Conditions = Gen.Frequency(
        (3, Gen.Const(Condition.None)), (1, Gen.Const(Condition.Absent)), (1, Gen.Const(Condition.Present)), (2, Gen.Long[0, 3].Select(Condition.VersionIs)));

    private static readonly Gen<Step> Puts =
        Gen.Select(OneOf("P", "Q"), OneOf(Sorts), Gen.Int[0, 99], Conditions, OneOf<string?>(null, "i1", "i2"), OneOf(0, 0, 0, 1, 5))
            .Select((partition, sort, body, condition, index, life) => (Step)new PutStep(partition, sort, body, condition, index, life));

    private static readonly Gen<Step> Deletes =
        Gen.Select(OneOf("P", "Q"), OneOf(Sorts), Conditions).Select((partition, sort, condition) => (Step)new DeleteStep(partition, sort, condition));

    private static readonly Gen<Step> Transactions =
        Gen.Select(Gen.Shuffle(Sorts, 1, 3), Conditions.Array[3], Gen.Int[0, 99]).Select((sorts, conditions, body) => (Step)new TransactStep(sorts, conditions, body));

    private static readonly Gen<string?> Bounds = OneOf<string?>([null, null, "", "c", .. Sorts]);

    private static readonly Gen<Step> Queries =
        Gen.Select(OneOf("P", "Q"), Gen.Bool, Bounds, Bounds, Bounds, Gen.Bool, Gen.Int[1, 4])
            .Select((partition, byIndex, prefix, from, to, descending, limit) => (Step)new QueryStep(partition, byIndex, prefix, from, to, descending, limit));

    private static readonly Gen<Step> Waits = Gen.Int[1, 4].Select(seconds => (Step)new WaitStep(seconds));

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly SqliteDatabase _database;
    private readonly SqliteItems _sqlite;
    private int _history;

    public ItemModelTests()
    {
        _database = SqliteDatabase.Open(_folder.File("items.db"), _time);
        _sqlite = new SqliteItems(_database, _time);
    }

    [Fact]
    public async Task Any_history_is_answered_as_by_the_model()
    {
        var histories = Gen.Frequency((6, Puts), (2, Deletes), (2, Transactions), (4, Queries), (1, Waits)).Array[1, 40];

        await histories.SampleAsync(async steps =>
        {
            var world = NewWorld();
            var model = new MemoryItems(_time);
            foreach (var step in steps)
            {
                // Time passes once for both.
                if (step is WaitStep wait) _time.Advance(TimeSpan.FromSeconds(wait.Seconds));
                else (await step.RunAsync(_sqlite, world)).ShouldBe(await step.RunAsync(model, world), step.ToString());
            }
            (await StateAsync(_sqlite, world)).ShouldBe(await StateAsync(model, world));
        }, iter: 300, threads: 1);
    }

    [Fact]
    public async Task Any_histories_side_by_side_end_as_one_after_the_other()
    {
        var histories = Gen.Frequency((4, Puts), (2, Deletes), (3, Transactions)).Array[1, 3].Array[2, 3];

        await histories.SampleAsync(async clients =>
        {
            var world = NewWorld();
            var outcomes = await Task.WhenAll(clients.Select(steps => Task.Run(async () =>
            {
                var seen = new List<string>();
                foreach (var step in steps) seen.Add(await step.RunAsync(_sqlite, world));
                return seen;
            })));
            var state = await StateAsync(_sqlite, world);

            (await IsExplainedAsync(clients, outcomes, state, world, [])).ShouldBeTrue("No order of these steps explains what the writers saw.");
        }, iter: 200, threads: 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    // Depth first through all orders that keep each client's own; cut off where an outcome differs.
    private async Task<bool> IsExplainedAsync(Step[][] clients, List<string>[] outcomes, string state, World world, List<int> order)
    {
        var model = new MemoryItems(_time);
        var done = new int[clients.Length];
        foreach (var client in order)
        {
            if (await clients[client][done[client]].RunAsync(model, world) != outcomes[client][done[client]]) return false;
            done[client]++;
        }
        if (order.Count == clients.Sum(steps => steps.Length)) return await StateAsync(model, world) == state;
        for (var client = 0; client < clients.Length; client++)
        {
            if (done[client] < clients[client].Length && await IsExplainedAsync(clients, outcomes, state, world, [.. order, client])) return true;
        }
        return false;
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(n => values[n]);

    private World NewWorld() => new($"{_history++}", _time);

    private static async Task<string> StateAsync(IItemStore items, World world)
    {
        var p = await new QueryStep("P", false, null, null, null, false, 3).RunAsync(items, world);
        return p + " | " + await new QueryStep("Q", false, null, null, null, false, 3).RunAsync(items, world);
    }

    /// <summary>Each history has partitions of its own in the one database.</summary>
    private sealed record World(string Name, TimeProvider Time)
    {
        public ItemKey Key(string partition, string sort) => new(Table.Accounts, $"{partition}{Name}", sort);

        public Item Item(string partition, string sort, int body, string? index = null, int life = 0) => new()
        {
            Key = Key(partition, sort),
            Body = $"{body}",
            Index = index is null ? null : new($"I{Name}", index),
            ExpiresAt = life == 0 ? null : Time.GetUtcNow().AddSeconds(life),
        };
    }

    private abstract record Step
    {
        public async Task<string> RunAsync(IItemStore items, World world)
        {
            try
            {
                return await ActAsync(items, world);
            }
            catch (ConditionFailedException failure)
            {
                return $"refused at {failure.Key.Sort}";
            }
        }

        protected abstract Task<string> ActAsync(IItemStore items, World world);
    }

    private sealed record PutStep(string Partition, string Sort, int Body, Condition Condition, string? Index, int Life) : Step
    {
        protected override async Task<string> ActAsync(IItemStore items, World world) =>
            $"{await items.PutAsync(world.Item(Partition, Sort, Body, Index, Life), Condition, CancellationToken.None)}";
    }

    private sealed record DeleteStep(string Partition, string Sort, Condition Condition) : Step
    {
        protected override async Task<string> ActAsync(IItemStore items, World world)
        {
            await items.DeleteAsync(world.Key(Partition, Sort), Condition, CancellationToken.None);
            return "deleted";
        }
    }

    private sealed record TransactStep(string[] Keys, Condition[] Conditions, int Body) : Step
    {
        protected override async Task<string> ActAsync(IItemStore items, World world)
        {
            await items.TransactAsync([.. Keys.Select((sort, n) => ((Body + n) % 3) switch
            {
                0 => ItemWrite.Deleting(world.Key("P", sort), Conditions[n]),
                1 => ItemWrite.Checking(world.Key("P", sort), Conditions[n]),
                _ => ItemWrite.Putting(world.Item("P", sort, Body), Conditions[n]),
            })], CancellationToken.None);
            return "done";
        }
    }

    private sealed record QueryStep(string Partition, bool ByIndex, string? Prefix, string? From, string? To, bool Descending, int Limit) : Step
    {
        protected override async Task<string> ActAsync(IItemStore items, World world)
        {
            var query = new ItemQuery
            {
                Table = Table.Accounts,
                Partition = (ByIndex ? "I" : Partition) + world.Name,
                ByIndex = ByIndex,
                SortPrefix = Prefix,
                SortFrom = From,
                SortTo = To,
                Descending = Descending,
                Limit = Limit,
            };
            var found = new List<Item>();
            await foreach (var item in items.AllAsync(query, CancellationToken.None)) found.Add(item);
            return string.Join(", ", found.Select(item => $"{item.Key.Partition}/{item.Key.Sort}={item.Body}v{item.Version}i{item.Index?.Sort}e{item.ExpiresAt:ss}"));
        }
    }

    private sealed record WaitStep(int Seconds) : Step
    {
        protected override Task<string> ActAsync(IItemStore items, World world) => throw new InvalidOperationException("Time passes for both stores at once.");
    }
}
