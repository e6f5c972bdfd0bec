using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;
using Microsoft.Extensions.Time.Testing;
using MimeKit;

namespace ListBackup.Embedded.Tests.Mail;

public sealed class OutboxMailTests : MailContract, IDisposable
{
    private readonly TempFolder _folder = new();

    public OutboxMailTests() =>
        Mail = new OutboxMail(_folder.Path, "backup@example.com", new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 5, TimeSpan.Zero)));

    protected override IMail Mail { get; }

    protected override Task<IReadOnlyList<MailMessage>> ArrivedAsync() => Task.FromResult<IReadOnlyList<MailMessage>>(
        [.. Directory.EnumerateFiles(_folder.Path).Order(StringComparer.Ordinal).Select(path => Read(MimeMessage.Load(path)))]);

    [Fact]
    public async Task A_file_is_named_by_its_time_and_for_its_owner_only()
    {
        await Mail.SendAsync(new("zoe@example.com", "Code", "123456"), Cancellation);

        var path = Directory.EnumerateFiles(_folder.Path).ShouldHaveSingleItem();
        Path.GetFileName(path).ShouldMatch("^20260301T120005Z-[0-9a-f]{32}\\.eml$");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        MimeMessage.Load(path).From.ToString().ShouldBe("backup@example.com");
    }

    public void Dispose() => _folder.Dispose();

    internal static MailMessage Read(MimeMessage message) => new(message.To.Mailboxes.Single().Address, message.Subject.ShouldNotBeNull(), message.TextBody.ShouldNotBeNull());
}
