using ListBackup.Domain;

namespace ListBackup.Testing.Contracts;

/// <summary>What every <see cref="IMail"/> promises.</summary>
public abstract class MailContract
{
    protected abstract IMail Mail { get; }

    /// <summary>What has arrived where the adapter sends to, oldest first, headers and body decoded.</summary>
    protected abstract Task<IReadOnlyList<MailMessage>> ArrivedAsync();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_arrives_as_it_was_sent()
    {
        var message = new MailMessage("zoe@example.com", "Sicherung „Kunden“ läuft 🦊", "Grüße,\n.a line that starts with a dot\n" + new string('x', 2000) + "\n");

        await Mail.SendAsync(message, Cancellation);

        var arrived = (await ArrivedAsync()).ShouldHaveSingleItem();
        arrived.To.ShouldBe(message.To);
        arrived.Subject.ShouldBe(message.Subject);
        arrived.Text.ReplaceLineEndings("\n").TrimEnd('\n').ShouldBe(message.Text.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("zoe@example.com\r\nBcc: eve@example.com", "subject")]
    [InlineData("zoe@example.com", "subject\r\nBcc: eve@example.com")]
    [InlineData("zoe@example.com", "subject\nBcc: eve@example.com")]
    [InlineData("not an address@", "subject")]
    [InlineData("", "subject")]
    public async Task Nothing_is_sent_that_could_change_the_headers(string to, string subject)
    {
        await Should.ThrowAsync<ArgumentException>(() => Mail.SendAsync(new(to, subject, "text"), Cancellation));

        (await ArrivedAsync()).ShouldBeEmpty();
    }
}
