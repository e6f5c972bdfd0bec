using ListBackup.Domain;
using ListBackup.Testing.Contracts;

namespace ListBackup.Aws.Tests;

[Trait("Stage", "aws")]
public sealed class DynamoItemsTests(AwsEmulator aws) : ItemStoreContract
{
    protected override IItemStore Items => aws.Port<IItemStore>();

    protected override DateTimeOffset Now => aws.Clock.GetUtcNow();

    protected override Task PassAsync(TimeSpan time)
    {
        aws.Clock.Advance(time);
        return Task.CompletedTask;
    }
}
