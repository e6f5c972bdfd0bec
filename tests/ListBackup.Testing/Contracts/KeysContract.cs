using System.Security.Cryptography;
using ListBackup.Domain;

namespace ListBackup.Testing.Contracts;

/// <summary>What every <see cref="IKeys"/> promises.</summary>
public abstract class KeysContract
{
    private static readonly KeyContext Context = new("account", "acc_1");

    protected abstract IKeys Keys { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_generated_key_is_unwrapped_to_itself()
    {
        var key = await Keys.GenerateAsync(Context, Cancellation);

        key.Plain.Length.ShouldBe(32);
        (await Keys.UnwrapAsync(key.Wrapped, Context, Cancellation)).ShouldBe(key.Plain);
    }

    [Fact]
    public async Task No_two_keys_are_alike_and_none_shows_in_its_wrapping()
    {
        var first = await Keys.GenerateAsync(Context, Cancellation);
        var second = await Keys.GenerateAsync(Context, Cancellation);

        first.Plain.ShouldNotBe(second.Plain);
        first.Wrapped.AsSpan().IndexOf(first.Plain).ShouldBe(-1);
    }

    [Fact]
    public async Task Wrapping_twice_gives_two_wrappings_of_one_key()
    {
        var key = RandomNumberGenerator.GetBytes(32);

        var first = await Keys.WrapAsync(key, Context, Cancellation);
        var second = await Keys.WrapAsync(key, Context, Cancellation);

        first.ShouldNotBe(second);
        (await Keys.UnwrapAsync(first, Context, Cancellation)).ShouldBe(key);
        (await Keys.UnwrapAsync(second, Context, Cancellation)).ShouldBe(key);
    }

    [Theory]
    [InlineData("account", "acc_2"), InlineData("token", "acc_1"), InlineData("accountacc", "_1"), InlineData("acc_1", "account")]
    public async Task A_key_is_not_unwrapped_under_another_context(string purpose, string owner)
    {
        var key = await Keys.GenerateAsync(Context, Cancellation);

        await Should.ThrowAsync<CryptographicException>(() => Keys.UnwrapAsync(key.Wrapped, new(purpose, owner), Cancellation));
    }

    [Fact]
    public async Task Damaged_bytes_are_not_unwrapped()
    {
        var wrapped = (await Keys.GenerateAsync(Context, Cancellation)).Wrapped;
        for (var at = 0; at < wrapped.Length; at += Math.Max(1, wrapped.Length / 40))
        {
            var damaged = wrapped.ToArray();
            damaged[at] ^= 0x10;
            await Should.ThrowAsync<CryptographicException>(() => Keys.UnwrapAsync(damaged, Context, Cancellation));
        }
        foreach (var length in new[] { 0, 1, wrapped.Length - 1 })
            await Should.ThrowAsync<CryptographicException>(() => Keys.UnwrapAsync(wrapped.AsMemory(0, length), Context, Cancellation));
    }
}
