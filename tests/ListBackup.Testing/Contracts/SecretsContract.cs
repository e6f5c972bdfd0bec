using ListBackup.Domain;

namespace ListBackup.Testing.Contracts;

/// <summary>What every <see cref="ISecrets"/> promises. Each test uses names of its own.</summary>
public abstract class SecretsContract
{
    private readonly string _name = $"tests/{Guid.NewGuid():N}";

    protected abstract ISecrets Secrets { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_that_was_never_put_is_absent()
    {
        (await Secrets.FindAsync(_name, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task The_newest_value_is_found()
    {
        await Secrets.PutAsync(_name, "first", Cancellation);
        await Secrets.PutAsync(_name, "zweites Geheimnis 🗝 {\"a\":1}\n", Cancellation);

        (await Secrets.FindAsync(_name, Cancellation)).ShouldBe("zweites Geheimnis 🗝 {\"a\":1}\n");
    }

    [Fact]
    public async Task Secrets_do_not_see_each_other()
    {
        await Secrets.PutAsync(_name, "mine", Cancellation);

        (await Secrets.FindAsync(_name + "2", Cancellation)).ShouldBeNull();
        (await Secrets.FindAsync(_name[..^1], Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task A_deleted_secret_is_gone_and_can_be_put_again()
    {
        await Secrets.PutAsync(_name, "first", Cancellation);

        await Secrets.DeleteAsync(_name, Cancellation);
        await Secrets.DeleteAsync(_name, Cancellation);

        (await Secrets.FindAsync(_name, Cancellation)).ShouldBeNull();
        await Secrets.PutAsync(_name, "second", Cancellation);
        (await Secrets.FindAsync(_name, Cancellation)).ShouldBe("second");
    }

    [Fact]
    public async Task The_largest_value_is_kept_and_a_larger_one_refused_without_being_quoted()
    {
        var largest = new string('s', SecretRules.ValueBytesMax);
        await Secrets.PutAsync(_name, largest, Cancellation);

        var refusal = await Should.ThrowAsync<ArgumentException>(() => Secrets.PutAsync(_name, largest + "s", Cancellation));

        refusal.Message.ShouldNotContain("sss");
        (await Secrets.FindAsync(_name, Cancellation)).ShouldBe(largest);
    }

    [Theory]
    [InlineData(""), InlineData("a b"), InlineData("a\nb"), InlineData("ä"), InlineData("a;b")]
    public async Task A_name_outside_the_rule_is_refused(string name)
    {
        await Should.ThrowAsync<ArgumentException>(() => Secrets.PutAsync(name, "value", Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Secrets.FindAsync(name, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Secrets.DeleteAsync(name, Cancellation));
    }
}
