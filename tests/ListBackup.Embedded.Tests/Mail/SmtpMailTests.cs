using System.Text;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MimeKit;

namespace ListBackup.Embedded.Tests.Mail;

public sealed class SmtpMailTests : MailContract, IAsyncDisposable
{
    private static readonly MailMessage Message = new("zoe@example.com", "subject", "text");

    private readonly SmtpServer _server = SmtpServer.Start();

    private readonly FakeTimeProvider _time = new();

    protected override IMail Mail => Smtp(_server);

    protected override Task<IReadOnlyList<MailMessage>> ArrivedAsync() => Task.FromResult<IReadOnlyList<MailMessage>>([.. _server.Messages.Select(Read)]);

    [Fact]
    public async Task A_passing_failure_is_tried_again_and_the_message_sent_once()
    {
        _server.Answer = (command, connection) => command == "RCPT" && connection < 3 ? "451 later" : null;

        await Smtp(_server, time: new DelaysPassAtOnce()).SendAsync(Message, Cancellation);

        _server.Connections.ShouldBe(3);
        _server.Messages.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Attempts_are_few()
    {
        _server.Answer = (command, _) => command == "MAIL" ? "421 go away" : null;

        var failure = await Should.ThrowAsync<MailFailedException>(() => SendWithTimeAsync(Smtp(_server)));

        _server.Connections.ShouldBe(3);
        failure.Message.ShouldNotContain("zoe");
    }

    [Theory]
    [InlineData("RCPT", "550 no such user zoe@example.com"), InlineData("END", "554 refused"), InlineData("AUTH", "535 wrong password")]
    public async Task A_refusal_is_final(string refused, string answer)
    {
        _server.Answer = (command, _) => command == refused ? answer : null;

        var failure = await Should.ThrowAsync<MailFailedException>(() => SendWithTimeAsync(Smtp(_server, user: "user")));

        _server.Connections.ShouldBe(1);
        failure.Message.ShouldNotContain("zoe");
        failure.Message.ShouldNotContain("p4ss");
    }

    [Fact]
    public async Task A_silent_server_is_given_up_after_the_time_limit()
    {
        _server.Answer = (command, _) => command == "EHLO" ? "250-still thinking" : null;

        await Should.ThrowAsync<MailFailedException>(() => SendWithTimeAsync(Smtp(_server)));
    }

    [Fact]
    public async Task A_connection_that_breaks_after_acceptance_does_not_send_twice()
    {
        _server.Answer = (command, _) =>
        {
            if (command != "QUIT") return null;
            // Silence until the attempt's time is over.
            _time.Advance(TimeSpan.FromMinutes(1));
            return "";
        };

        await Smtp(_server).SendAsync(Message, Cancellation);

        _server.Messages.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Where_the_server_offers_tls_it_is_used_before_the_password()
    {
        await using var server = SmtpServer.Start(tls: true);

        await new SmtpMail(Options(server, "user"), _time, NullLogger<SmtpMail>.Instance)
        {
            CertificateValidation = (_, certificate, _, _) => certificate?.GetCertHashString() == server.CertificateHash,
        }.SendAsync(Message, Cancellation);

        server.Messages.Count.ShouldBe(1);
        server.Commands.ShouldBe(["EHLO", "STARTTLS", "TLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        await using var server = SmtpServer.Start(tls: true);

        await Should.ThrowAsync<MailFailedException>(() => SendWithTimeAsync(Smtp(server, "user")));

        server.Connections.ShouldBe(1);
        server.Commands.ShouldNotContain("AUTH");
    }

    [Fact]
    public async Task A_server_without_tls_is_not_spoken_to_where_tls_is_asked_for()
    {
        var options = Options(_server, "user") with { Security = SmtpSecurity.StartTls };

        await Should.ThrowAsync<MailFailedException>(() => SendWithTimeAsync(new SmtpMail(options, _time, NullLogger<SmtpMail>.Instance)));

        _server.Commands.ShouldNotContain("AUTH");
    }

    [Fact]
    public async Task A_copy_lies_in_the_outbox_even_if_the_server_refuses()
    {
        using var folder = new TempFolder();
        _server.Answer = (command, _) => command == "RCPT" ? "550 no" : null;
        var both = new OutboxAndSmtpMail(new OutboxMail(folder.Path, "backup@example.com", _time), Smtp(_server));

        await Should.ThrowAsync<MailFailedException>(() => SendWithTimeAsync(both));

        Directory.EnumerateFiles(folder.Path, "*.eml").Count().ShouldBe(1);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private SmtpMail Smtp(SmtpServer server, string? user = null, TimeProvider? time = null) => new(Options(server, user), time ?? _time, NullLogger<SmtpMail>.Instance);

    private static SmtpOptions Options(SmtpServer server, string? user) => new("127.0.0.1", server.Port, user, user is null ? null : "p4ss", "backup@example.com");

    // For servers that are silent: the clock goes on whatever the sending does, so an attempt has only as much real time as the machine gives it.
    private async Task SendWithTimeAsync(IMail mail)
    {
        var sending = mail.SendAsync(Message, Cancellation);
        while (!sending.IsCompleted)
        {
            await Task.WhenAny(sending, Task.Delay(50, Cancellation));
            if (!sending.IsCompleted) _time.Advance(TimeSpan.FromSeconds(2));
        }
        await sending;
    }

    private static MailMessage Read(string wire)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(wire));
        return OutboxMailTests.Read(MimeMessage.Load(stream));
    }

    /// <summary>Waits between attempts are over when they begin; the time of an attempt never ends.</summary>
    private sealed class DelaysPassAtOnce : FakeTimeProvider
    {
        private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime <= LongestDelay ? System.CreateTimer(callback, state, TimeSpan.Zero, period) : base.CreateTimer(callback, state, dueTime, period);
    }
}
