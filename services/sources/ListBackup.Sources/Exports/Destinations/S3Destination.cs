using System.Net;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Sources;

/// <summary>
/// A bucket of the customer's, by two requests: put and delete. Both have their content's SHA-256 in the signature. A single put takes up to 5 GiB; larger files
/// are refused.
/// </summary>
public sealed partial class S3Destination(HttpMessageInvoker http, Destination destination, string secret, TimeProvider clock) : IExportDestination
{
    public const long BytesMax = 5L * 1024 * 1024 * 1024;

    private const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const int AnswerBytesMax = 16 * 1024;
    private readonly S3Signature _signature = new(destination.AccessKeyId!, secret, destination.Region!); // A bucket that was checked has both.

    public async Task PutAsync(string name, Stream content, ExportFile file, CancellationToken cancellation)
    {
        if (file.Bytes > BytesMax) throw new DestinationException($"{name} has {file.Bytes} bytes; a bucket takes at most {BytesMax} at once. Export fewer streams, or filter.", isFinal: true);
        using var request = new HttpRequestMessage(HttpMethod.Put, AddressOf(name)) { Content = new StreamContent(content) };
        request.Content.Headers.ContentLength = file.Bytes;
        await SendAsync(request, file.Sha256, name, cancellation);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, AddressOf(name));
        await SendAsync(request, EmptySha256, name, cancellation);
    }

    private Uri AddressOf(string name) => new($"{destination.Endpoint!.TrimEnd('/')}/{destination.Bucket}/{destination.Prefix}{name}");

    private async Task SendAsync(HttpRequestMessage request, string sha256, string name, CancellationToken cancellation)
    {
        _signature.Sign(request, sha256, clock.GetUtcNow());
        try
        {
            using var answer = await http.SendAsync(request, cancellation);
            if (answer.IsSuccessStatusCode || (request.Method == HttpMethod.Delete && answer.StatusCode == HttpStatusCode.NotFound)) return;
            var isFinal = (int)answer.StatusCode is >= 300 and < 500 && answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout);
            throw new DestinationException($"The bucket {destination.Bucket} answered {(int)answer.StatusCode}{await CodeOfAsync(answer, cancellation)} to {request.Method.Method} {name}.", isFinal);
        }
        catch (HttpRequestException failure)
        {
            throw new DestinationException($"The bucket {destination.Bucket} could not be reached: {failure.Message}", isFinal: false, failure);
        }
    }

    /// <summary>S3's word for what is wrong, such as <c>AccessDenied</c>; nothing else of the answer is kept.</summary>
    private static async Task<string> CodeOfAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var start = new byte[AnswerBytesMax];
        await using var content = await answer.Content.ReadAsStreamAsync(cancellation);
        var length = await content.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        return Code().Match(System.Text.Encoding.UTF8.GetString(start, 0, length)) is { Success: true } code ? $" {code.Groups["code"].Value}" : "";
    }

    [GeneratedRegex("<Code>(?<code>[A-Za-z]{1,60})</Code>", RegexOptions.ExplicitCapture)]
    private static partial Regex Code();
}
