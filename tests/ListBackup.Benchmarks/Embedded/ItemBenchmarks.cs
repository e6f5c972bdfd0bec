using BenchmarkDotNet.Attributes;
using ListBackup.Domain;
using ListBackup.Embedded;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Embedded;

/// <summary>Items in SQLite on the disk of this machine: what one request costs, and what group commit gives when many write at once.</summary>
[MemoryDiagnoser]
public class ItemBenchmarks
{
    private const int Known = 10_000;
    private static readonly string Body = $$"""{"name":"{{new string('n', 480)}}"}""";

    private TempFolder _folder = null!;
    private SqliteDatabase _database = null!;
    private SqliteItems _items = null!;
    private int _next;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _folder = new TempFolder();
        _database = SqliteDatabase.Open(_folder.File("items.db"), TimeProvider.System);
        _items = new SqliteItems(_database, TimeProvider.System);
        foreach (var numbers in Enumerable.Range(0, Known).Chunk(100))
            await _items.TransactAsync([.. numbers.Select(n => ItemWrite.Putting(Item(n)))], CancellationToken.None);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Benchmark]
    public Task Put() => _items.PutAsync(Item(Known + _next++), Condition.None, CancellationToken.None);

    [Benchmark(OperationsPerInvoke = 64)]
    public Task PutBy64Writers() => Task.WhenAll(Enumerable.Range(0, 64).Select(_ => _items.PutAsync(Item(Known + _next++), Condition.None, CancellationToken.None)));

    [Benchmark]
    public Task TransactTen() =>
        _items.TransactAsync([.. Enumerable.Range(0, 10).Select(_ => ItemWrite.Putting(Item(Known + _next++), Condition.Absent))], CancellationToken.None);

    [Benchmark]
    public Task<Item?> Get() => _items.GetAsync(Item(_next++ % Known).Key, CancellationToken.None);

    [Benchmark]
    public Task<ItemPage> QueryHundred() =>
        _items.QueryAsync(new ItemQuery { Table = Table.Sources, Partition = "P", SortFrom = $"{_next++ % Known:d8}" }, CancellationToken.None);

    private static Item Item(int n) => new() { Key = new(Table.Sources, "P", $"{n:d8}"), Body = Body };
}
