using System.Net;

namespace ListBackup.Connectors.Requests;

/// <summary>An answer as it came over the wire, decompressed, to its last byte.</summary>
internal sealed class RawAnswer : IDisposable
{
    public required HttpStatusCode Status { get; init; }

    /// <summary>Names in lower case; several values of one name with commas between.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required AnswerBody Body { get; init; }

    /// <inheritdoc cref="HttpAnswer.IsForeign"/>
    public required bool IsForeign { get; init; }

    public static async Task<RawAnswer> ReadAsync(HttpResponseMessage answer, bool isForeign, BodyLimits limits, CancellationToken cancellation)
    {
        if (answer.Content.Headers.ContentLength > limits.BytesMax)
            throw new TransportException(TransportFailure.TooLarge, "the answer is larger than the limit");

        var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        var body = await AnswerBody.ReadAsync(stream, answer.Content.Headers.ContentLength, limits, cancellation);

        return new RawAnswer { Status = answer.StatusCode, Headers = Collect(answer), Body = body, IsForeign = isForeign };
    }

    public void Dispose() => Body.Dispose();

    private static Dictionary<string, string> Collect(HttpResponseMessage answer)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in answer.Headers.NonValidated)
            headers[header.Key] = header.Value.ToString();
        foreach (var header in answer.Content.Headers.NonValidated)
            headers[header.Key] = header.Value.ToString();

        return headers;
    }
}
