using System.Collections.Concurrent;
using System.Net;

namespace ListBackup.Connectors.Requests;

/// <summary>Answers that a session uses again (<c>use_cache</c>): several children of one parent read it once. What does not fit is asked for again.</summary>
internal sealed class AnswerCache(ConnectorHttp http)
{
    private const long BytesMax = 16 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private long _bytes;

    public async Task<HttpAnswer> GetAsync(RequestParts parts, Func<Task<HttpAnswer>> send)
    {
        var key = await parts.FingerprintAsync();
        if (_kept.TryGetValue(key, out var kept))
            return HttpAnswer.Of(kept.Body, kept.Status, kept.Headers, kept.Host, http);

        var answer = await send();

        // Only what is a page is kept: an error may be over when it is asked again.
        if (answer.IsGood && answer.Resolution.Action == ResponseAction.Success && answer.Body.IsHeld && Interlocked.Read(ref _bytes) + answer.Body.Length <= BytesMax)
        {
            Interlocked.Add(ref _bytes, answer.Body.Length);
            _kept[key] = new Kept(answer.Body.Memory.ToArray(), answer.Status, answer.RawHeaders, answer.Host);
        }

        return answer;
    }

    private sealed record Kept(byte[] Body, HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Host);
}
