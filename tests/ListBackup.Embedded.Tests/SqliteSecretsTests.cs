using System.Text;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;

namespace ListBackup.Embedded.Tests;

public sealed class SqliteSecretsTests : SecretsContract, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly MasterKeys _masterKeys;
    private readonly SqliteSecrets _secrets;

    public SqliteSecretsTests()
    {
        _database = SqliteDatabase.Open(_folder.File("secrets.db"), TimeProvider.System);
        _masterKeys = MasterKeys.OpenOrCreate(_folder.File("master.key"), TimeProvider.System);
        _secrets = new SqliteSecrets(_database, _masterKeys, TimeProvider.System);
    }

    protected override ISecrets Secrets => _secrets;

    [Fact]
    public async Task No_value_lies_in_the_database_in_clear()
    {
        await _secrets.PutAsync("name", "a-very-plain-secret", Cancellation);
        await _database.DisposeAsync();

        var bytes = await File.ReadAllBytesAsync(_folder.File("secrets.db"), Cancellation);

        bytes.AsSpan().IndexOf("name"u8).ShouldBeGreaterThan(0);
        bytes.AsSpan().IndexOf("a-very-plain-secret"u8).ShouldBe(-1);
    }

    [Fact]
    public async Task A_value_moved_to_another_name_does_not_open()
    {
        await _secrets.PutAsync("mine", "value", Cancellation);
        await _secrets.PutAsync("theirs", "other", Cancellation);
        await _database.WriteAsync(session => session.Execute(
            "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'theirs') WHERE name = 'mine'"), Cancellation);

        var failure = await Should.ThrowAsync<StorageException>(() => _secrets.FindAsync("mine", Cancellation));

        failure.Message.ShouldContain("mine");
    }

    [Fact]
    public async Task Secrets_are_sealed_again_after_a_rotation()
    {
        for (var n = 0; n < 5; n++) await _secrets.PutAsync($"n{n}", $"value {n}", Cancellation);
        _masterKeys.Rotate();
        await _secrets.PutAsync("n0", "new", Cancellation);

        (await _secrets.ResealAsync(Cancellation)).ShouldBe(4);
        (await _secrets.ResealAsync(Cancellation)).ShouldBe(0);

        (await _secrets.FindAsync("n0", Cancellation)).ShouldBe("new");
        (await _secrets.FindAsync("n4", Cancellation)).ShouldBe("value 4");
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
