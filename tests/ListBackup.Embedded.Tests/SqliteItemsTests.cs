using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Embedded.Tests;

public sealed class SqliteItemsTests : ItemStoreContract, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly SqliteDatabase _database;
    private readonly SqliteItems _items;

    public SqliteItemsTests()
    {
        _database = SqliteDatabase.Open(_folder.File("items.db"), _time);
        _items = new SqliteItems(_database, _time);
    }

    protected override IItemStore Items => _items;

    protected override DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public async Task The_sweeper_removes_what_has_expired_and_nothing_else()
    {
        for (var n = 0; n < 1200; n++)
            await _items.PutAsync(Item($"old{n}") with { ExpiresAt = Now.AddSeconds(1) }, Condition.None, Cancellation);
        await _items.PutAsync(Item("young") with { ExpiresAt = Now.AddSeconds(3) }, Condition.None, Cancellation);
        await _items.PutAsync(Item("immortal"), Condition.None, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(2));

        (await _items.SweepAsync(Cancellation)).ShouldBe(1200);
        (await _items.SweepAsync(Cancellation)).ShouldBe(0);

        var left = await _database.ReadAsync(session => session.All("SELECT sort FROM tokens ORDER BY sort", row => row.GetString(0)), Cancellation);
        left.ShouldBe(["immortal", "young"]);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Every_page_of_a_long_list_is_found_by_its_index(bool byIndex)
    {
        var query = new ItemQuery { Table = Table.Tokens, Partition = "P", SortPrefix = "a", ByIndex = byIndex };
        foreach (var descending in new[] { false, true })
        {
            var (sql, arguments) = new SqliteItemQuery(query with { Descending = descending }, new ItemPosition("ab", "p", "s"), 0).Build();

            var plan = await _database.ReadAsync(session => session.All($"EXPLAIN QUERY PLAN {sql}", row => row.GetString(3), arguments), Cancellation);

            // One search with both bounds in the index; no scan and no sorting.
            plan.ShouldHaveSingleItem().ShouldBe((byIndex, descending) switch
            {
                (false, _) => "SEARCH tokens USING INDEX tokens_by_key (partition=? AND sort>? AND sort<?)",
                (true, false) => "SEARCH tokens USING INDEX tokens_by_index (index_partition=? AND (index_sort,partition,sort)>(?,?,?) AND index_sort<?)",
                (true, true) => "SEARCH tokens USING INDEX tokens_by_index (index_partition=? AND index_sort>? AND (index_sort,partition,sort)<(?,?,?))",
            });
        }
    }

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private static Item Item(string sort) => new() { Key = new(Table.Tokens, "P", sort), Body = "{}" };
}
