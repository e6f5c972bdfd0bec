using System.Security.Cryptography;
using ListBackup.Domain;

namespace ListBackup.Aws.Tests;

[Trait("Stage", "aws")]
public sealed class KmsKeysTests(AwsEmulator aws)
{
    private static readonly KeyContext Context = new("account", "acc_1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_generated_is_unwrapped_again()
    {
        var keys = aws.Port<IKeys>();

        var key = await keys.GenerateAsync(Context, Cancellation);

        key.Plain.Length.ShouldBe(32);
        (await keys.UnwrapAsync(key.Wrapped, Context, Cancellation)).ShouldBe(key.Plain);
    }

    [Fact]
    public async Task What_was_wrapped_again_is_the_same_key()
    {
        var keys = aws.Port<IKeys>();
        var plain = RandomNumberGenerator.GetBytes(32);

        var wrapped = await keys.WrapAsync(plain, Context, Cancellation);

        (await keys.UnwrapAsync(wrapped, Context, Cancellation)).ShouldBe(plain);
    }

    [Fact]
    public async Task Another_context_does_not_unwrap()
    {
        var keys = aws.Port<IKeys>();
        var key = await keys.GenerateAsync(Context, Cancellation);

        await Should.ThrowAsync<CryptographicException>(() => keys.UnwrapAsync(key.Wrapped, Context with { Owner = "acc_2" }, Cancellation));
    }

    [Fact]
    public async Task Damaged_bytes_do_not_unwrap()
    {
        var keys = aws.Port<IKeys>();
        var key = await keys.GenerateAsync(Context, Cancellation);
        key.Wrapped[^1] ^= 1;

        await Should.ThrowAsync<CryptographicException>(() => keys.UnwrapAsync(key.Wrapped, Context, Cancellation));
    }
}
