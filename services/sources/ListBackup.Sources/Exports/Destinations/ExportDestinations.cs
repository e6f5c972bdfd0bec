using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>
/// The destinations of this installation. What a customer configured must not reach what only we can reach: every address is checked when the connection is
/// made, after the name was resolved. No redirects, no proxy, no cookies.
/// </summary>
public sealed partial class ExportDestinations : IExportDestinations, IDisposable
{
    private const int PrefixLengthMax = 200;
    private readonly ExportOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpMessageInvoker _http;

    public ExportDestinations(ExportOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = ConnectAsync,
        });
    }

    public void Check(Destination destination, IDictionary<string, string[]> errors)
    {
        if (destination.Kind == DestinationKind.Folder) CheckFolder(destination, errors);
        else CheckBucket(destination, errors);
    }

    public IExportDestination Open(AccountId account, Destination destination, string secret) => destination.Kind == DestinationKind.Folder
        ? FolderDestination.Open(_options.DestinationRoot ?? throw new DestinationException("This installation has no folder for exports.", isFinal: true), account, destination.Folder!) // Checked.
        : new S3Destination(_http, destination, secret, _clock);

    public void Dispose() => _http.Dispose();

    private void CheckFolder(Destination destination, IDictionary<string, string[]> errors)
    {
        if (_options.DestinationRoot is null) errors["destination.kind"] = ["This installation has no folder for exports; a self-hosted one gets it by the setting exportFolder."];
        else if (destination.Folder is null || !FolderDestination.IsAllowed(destination.Folder))
            errors["destination.folder"] = ["Must be a relative path of letters, digits, '.', '_' and '-' between slashes; no part begins with a dot."];
    }

    private void CheckBucket(Destination destination, IDictionary<string, string[]> errors)
    {
        if (!Uri.TryCreate(destination.Endpoint, UriKind.Absolute, out var endpoint) || endpoint.PathAndQuery != "/" || endpoint.UserInfo != ""
            || !(endpoint.Scheme == Uri.UriSchemeHttps || (_options.AllowPrivateNetworks && endpoint.Scheme == Uri.UriSchemeHttp)))
            errors["destination.endpoint"] = ["Must be the https address of an S3 service without a path, such as 'https://s3.eu-central-1.amazonaws.com'."];
        if (destination.Region is null || !Region().IsMatch(destination.Region)) errors["destination.region"] = ["Must be the bucket's region, such as 'eu-central-1'."];
        if (destination.Bucket is null || !Bucket().IsMatch(destination.Bucket)) errors["destination.bucket"] = ["Must be the name of a bucket: 3 to 63 of a-z, 0-9, '.' and '-'."];
        if (destination.AccessKeyId is null || !AccessKey().IsMatch(destination.AccessKeyId)) errors["destination.accessKeyId"] = ["Must be the id of an access key."];
        if (destination.Prefix is { } prefix && (prefix.Length > PrefixLengthMax || !prefix.TrimEnd('/').Split('/').All(FolderDestination.IsPart)))
            errors["destination.prefix"] = ["Must be letters, digits, '.', '_' and '-' between slashes; no part begins with a dot."];
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        var allowed = addresses.Where(a => _options.AllowPrivateNetworks || PublicAddress.Is(a)).ToArray();
        if (allowed.Length == 0) throw new HttpRequestException("The address does not lie on the public internet.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"^[a-z0-9-]{2,40}\z")]
    private static partial Regex Region();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex Bucket();

    [GeneratedRegex(@"^[A-Za-z0-9_-]{3,128}\z")]
    private static partial Regex AccessKey();
}
