using ListBackup.Domain;
using ListBackup.Embedded;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;

namespace ListBackup.Connections.Tests;

/// <summary>The budget on the store of a self-hosted installation.</summary>
public sealed class DailyShareTests : ConnectionBudgetContract
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteItems _items;

    public DailyShareTests()
    {
        _database = SqliteDatabase.Open(_folder.File("items.db"), TimeProvider.System);
        _items = new SqliteItems(_database, TimeProvider.System);
    }

    protected override IItemStore Items => _items;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
