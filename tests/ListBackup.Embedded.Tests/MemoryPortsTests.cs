using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Embedded.Tests;

// The stand-ins of other tests keep the same contracts, or those tests would prove little.

public sealed class MemoryItemsTests : ItemStoreContract
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    public MemoryItemsTests() => Items = new MemoryItems(_time);

    protected override IItemStore Items { get; }

    protected override DateTimeOffset Now => _time.GetUtcNow();

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}

public sealed class MemoryKeysTests : KeysContract
{
    protected override IKeys Keys { get; } = new MemoryKeys();
}

public sealed class MemorySecretsTests : SecretsContract
{
    protected override ISecrets Secrets { get; } = new MemorySecrets();
}
