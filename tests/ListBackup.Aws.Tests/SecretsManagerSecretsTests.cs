using ListBackup.Domain;

namespace ListBackup.Aws.Tests;

[Trait("Stage", "aws")]
public sealed class SecretsManagerSecretsTests(AwsEmulator aws)
{
    private readonly string _name = $"connections/con_{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_that_was_never_put_is_absent()
    {
        (await aws.Port<ISecrets>().FindAsync(_name, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task The_value_put_last_is_found()
    {
        var secrets = aws.Port<ISecrets>();
        await secrets.PutAsync(_name, "one", Cancellation);

        await secrets.PutAsync(_name, "zwei ✓ \"quoted\"", Cancellation);

        (await secrets.FindAsync(_name, Cancellation)).ShouldBe("zwei ✓ \"quoted\"");
    }

    [Fact]
    public async Task A_deleted_secret_is_absent_and_deleting_it_again_is_no_error()
    {
        var secrets = aws.Port<ISecrets>();
        await secrets.PutAsync(_name, "one", Cancellation);

        await secrets.DeleteAsync(_name, Cancellation);
        await secrets.DeleteAsync(_name, Cancellation);

        (await secrets.FindAsync(_name, Cancellation)).ShouldBeNull();
        await secrets.PutAsync(_name, "two", Cancellation);
        (await secrets.FindAsync(_name, Cancellation)).ShouldBe("two");
    }
}
