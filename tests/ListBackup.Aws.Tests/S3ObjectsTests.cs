using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Aws.Tests;

[Trait("Stage", "aws")]
public sealed class S3ObjectsTests(AwsEmulator aws) : ObjectStoreContract
{
    // A bucket of its own per test; the first put makes it.
    protected override Task<IObjectStore> CreateEmptyAsync() => Task.FromResult(aws.Port<IObjectStores>().Bucket($"listbackup-{Guid.NewGuid():N}"));

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("-first")]
    [InlineData("under_score")]
    public void A_bucket_name_outside_the_rule_is_refused(string name)
    {
        var stores = aws.Port<IObjectStores>();

        Should.Throw<ArgumentException>(() => stores.Bucket(name));
    }
}
