using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ListBackup.Testing;

/// <summary>An SMTP server on loopback that keeps what it is sent. As small as the protocol allows (RFC 5321, STARTTLS of RFC 3207, AUTH PLAIN of RFC 4954).</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _messages = [];
    private readonly ConcurrentQueue<string> _commands = [];
    private readonly X509Certificate2? _certificate;
    private readonly Task _serving;
    private int _connections;

    private SmtpServer(bool tls)
    {
        _certificate = tls ? SelfSigned() : null;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string? CertificateHash => _certificate?.GetCertHashString();

    /// <summary>Messages as they came over the wire, headers included.</summary>
    public IReadOnlyList<string> Messages => [.. _messages];

    /// <summary>First words of the commands, in order; <c>TLS</c> where encryption began.</summary>
    public IReadOnlyList<string> Commands => [.. _commands];

    public int Connections => _connections;

    /// <summary>An answer to give instead of the usual one; null leaves the usual. Gets the command and the number of the connection, from 1.</summary>
    public Func<string, int, string?> Answer { get; set; } = (_, _) => null;

    public static SmtpServer Start(bool tls = false) => new(tls);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _certificate?.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                talks.Add(TalkAsync(client, Interlocked.Increment(ref _connections)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client, int connection)
    {
        using var _ = client;
        try
        {
            Stream stream = client.GetStream();
            await WriteAsync(stream, Answer("CONNECT", connection) ?? "220 fake");
            while (await ReadLineAsync(stream) is { } line)
            {
                var command = line.Split(' ')[0].ToUpperInvariant();
                _commands.Enqueue(command);
                var answer = Answer(command, connection);
                await WriteAsync(stream, answer ?? Usual(command, encrypted: stream is SslStream));
                if (answer is not null) continue;
                if (command == "QUIT") return;
                if (command == "DATA") await ReceiveAsync(stream, connection);
                if (command == "STARTTLS") stream = await EncryptAsync(stream);
            }
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or does not trust us.
        }
    }

    private string Usual(string command, bool encrypted) => command switch
    {
        "EHLO" => $"250-fake\r\n{(_certificate is not null && !encrypted ? "250-STARTTLS\r\n" : "")}250 AUTH PLAIN",
        "STARTTLS" => "220 begin",
        "HELO" or "MAIL" or "RCPT" or "RSET" or "NOOP" => "250 OK",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "502 unknown",
    };

    private async Task ReceiveAsync(Stream stream, int connection)
    {
        var message = new StringBuilder();
        while (await ReadLineAsync(stream) is { } line && line != ".") message.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        var answer = Answer("END", connection);
        if (answer is null) _messages.Enqueue(message.ToString());
        await WriteAsync(stream, answer ?? "250 accepted");
    }

    private async Task<SslStream> EncryptAsync(Stream stream)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        _commands.Enqueue("TLS");
        return encrypted;
    }

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        // Byte by byte: what follows STARTTLS belongs to the handshake, so nothing may be read ahead.
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n') return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }
        return null;
    }

    private async Task WriteAsync(Stream stream, string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), _stop.Token);

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        // SslStream wants a certificate whose key lies in a store or in a PKCS #12 file.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
