using ListBackup.Testing;

namespace ListBackup.Vault.Tests.Objects;

public sealed class MemoryObjectsTests : ObjectStoreContract
{
    protected override Task<IObjectStore> CreateEmptyAsync() => Task.FromResult<IObjectStore>(new MemoryObjects());
}
