using ListBackup.Domain;
using ListBackup.Testing.Contracts;

namespace ListBackup.Aws.Tests;

/// <summary>The budget of a connection on DynamoDB.</summary>
[Trait("Stage", "aws")]
public sealed class DailyShareTests(AwsEmulator aws) : ConnectionBudgetContract
{
    protected override IItemStore Items => aws.Port<IItemStore>();
}
