using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ListBackup.Domain;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace ListBackup.Embedded;

/// <summary>Sends by SMTP: a connection per message, a time limit per attempt, and few attempts where the failure may pass.</summary>
public sealed class SmtpMail(SmtpOptions options, TimeProvider time, ILogger<SmtpMail> logger) : IMail
{
    private const int AttemptsMax = 3;
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    /// <summary>For tests, whose server's certificate nobody knows. Null: the system's judgement.</summary>
    internal RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    /// <exception cref="MailFailedException">The server refused the message, or could not be reached in several attempts.</exception>
    public async Task SendAsync(MailMessage message, CancellationToken cancellation)
    {
        using var mime = MailText.Mime(message, options.From, time);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await SendOnceAsync(mime, cancellation);
                return;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested && IsFailure(failure))
            {
                if (attempt == AttemptsMax || !MayPass(failure)) throw new MailFailedException(options, failure);
                logger.LogWarning("Sending mail by {Host} failed at attempt {Attempt} ({Failure}); it is tried again", options.Host, attempt, failure.GetType().Name);
            }
            await Task.Delay(RetryDelay * attempt, time, cancellation);
        }
    }

    private async Task SendOnceAsync(MimeMessage message, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(AttemptTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        if (CertificateValidation is not null) client.ServerCertificateValidationCallback = CertificateValidation;
        await client.ConnectAsync(options.Host, options.Port, Security(), either.Token);
        if (options.User is not null) await client.AuthenticateAsync(options.User, options.Password ?? "", either.Token);
        await client.SendAsync(message, either.Token);
        // The message is accepted; a connection that breaks now must not send it again.
        try
        {
            await client.DisconnectAsync(quit: true, either.Token);
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            // It is closed anyway.
        }
    }

    private SecureSocketOptions Security() => options.Security switch
    {
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
        SmtpSecurity.None => SecureSocketOptions.None,
        _ when options.Port == 465 => SecureSocketOptions.SslOnConnect,
        // On the way to another machine a server that suddenly offers no TLS is an attack or a mistake, never a reason to go on in the clear.
        _ => IsThisMachine() ? SecureSocketOptions.StartTlsWhenAvailable : SecureSocketOptions.StartTls,
    };

    private bool IsThisMachine() => options.Host == "localhost" || (IPAddress.TryParse(options.Host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsFailure(Exception failure) =>
        failure is SocketException or IOException or OperationCanceledException or ProtocolException or CommandException or AuthenticationException
            or SslHandshakeException or ServiceNotAuthenticatedException or ServiceNotConnectedException or NotSupportedException;

    // 4xx means later; no connection, a broken one or silence may pass. A wrong password, a bad certificate and 5xx will not.
    private static bool MayPass(Exception failure) => failure switch
    {
        SmtpCommandException command => (int)command.StatusCode is >= 400 and < 500,
        SslHandshakeException => false,
        SocketException or IOException or OperationCanceledException or ProtocolException => true,
        _ => false,
    };
}

/// <summary>The SMTP server did not take the message. Its own words stay in the inner exception: they may quote the address.</summary>
public sealed class MailFailedException(SmtpOptions options, Exception cause)
    : Exception($"Mail could not be sent by {options.Host}:{options.Port} ({cause.GetType().Name}). The message is in the outbox folder.", cause);
