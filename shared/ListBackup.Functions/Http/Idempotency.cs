using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Functions;

/// <summary>
/// A write that carries an <c>Idempotency-Key</c> happens once per caller: the same key with the same request gives the first answer again (for 24 hours),
/// with another request it is refused. What was refused or failed on our side is forgotten: nothing was done, and the key may be tried again.
/// </summary>
public static class Idempotency
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    private const int KeyLengthMax = 200;
    // What an item can hold, less its frame.
    private const int AnswerBytesMax = 200 * 1024;
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);
    // A request that was cut off by a crash blocks its key this long; no request of ours runs longer.
    private static readonly TimeSpan RunningMax = TimeSpan.FromMinutes(2);

    /// <summary>Marks an endpoint whose answer holds a secret that is shown once: it is never kept for a replay.</summary>
    public static TBuilder AnswersSecret<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(SecretAnswer.Instance);

    /// <summary>Put after the permission check and before the endpoints.</summary>
    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        var isWrite = HttpMethods.IsPost(http.Request.Method) || HttpMethods.IsPut(http.Request.Method)
            || HttpMethods.IsPatch(http.Request.Method) || HttpMethods.IsDelete(http.Request.Method);
        if (!isWrite || http.Features.Get<Caller>() is not { } caller || !http.Request.Headers.TryGetValue(Header, out var given))
        {
            await next(http);
            return;
        }
        var key = given.ToString();
        if (key.Length is 0 or > KeyLengthMax) throw Problem.Malformed($"{Header} must have 1 to {KeyLengthMax} characters.");
        await new Replay(http, caller, key).RunAsync(next);
    });

    private sealed class Replay(HttpContext http, Caller caller, string idempotencyKey)
    {
        private readonly IItemStore _items = http.RequestServices.GetRequiredService<IItemStore>();
        private readonly TimeProvider _clock = http.RequestServices.GetRequiredService<TimeProvider>();
        private readonly CancellationToken _cancellation = http.RequestAborted;
        private readonly ItemKey _key = new(Table.Tokens, $"IDEMPOTENCY#{caller.UserId}", Hash(Encoding.UTF8.GetBytes(idempotencyKey)));

        public async Task RunAsync(RequestDelegate next)
        {
            var request = await RequestHashAsync();
            if (await FirstAnswerAsync(request) is { } first)
            {
                await AnswerAgainAsync(first);
                return;
            }
            var stored = false;
            try
            {
                stored = await RunFirstAsync(request, next);
            }
            finally
            {
                // Not bound to the request: a caller who hung up must still be able to try again.
                if (!stored) await _items.DeleteAsync(_key, Condition.None, CancellationToken.None);
            }
        }

        /// <summary>Claims the key; returns what the first request with it left, or null when this one is the first.</summary>
        private async Task<IdempotentAnswer?> FirstAnswerAsync(string request)
        {
            try
            {
                var running = ItemJson.Item(_key, new IdempotentAnswer(request), IdempotencyJson.Default.IdempotentAnswer, expiresAt: _clock.GetUtcNow() + RunningMax);
                await _items.PutAsync(running, Condition.Absent, _cancellation);
                return null;
            }
            catch (ConditionFailedException)
            {
                var first = await _items.FindAsync(_key, IdempotencyJson.Default.IdempotentAnswer, _cancellation);
                if (first is not null && first.Value.Request != request)
                    throw Problem.Conflict($"This {Header} was used for another request. Use a new one for each write.", "idempotency-key-reused");
                if (first?.Value.Status is null)
                    throw Problem.Conflict("The first request with this key has not finished. Ask again in a moment.", "idempotency-in-progress");
                return first.Value;
            }
        }

        private async Task<bool> RunFirstAsync(string request, RequestDelegate next)
        {
            var sent = http.Response.Body;
            using var kept = new MemoryStream();
            http.Response.Body = kept;
            try
            {
                await next(http);
            }
            finally
            {
                http.Response.Body = sent;
            }
            var isKept = http.Response.StatusCode < 500 && kept.Length <= AnswerBytesMax;
            if (isKept)
            {
                var secret = http.GetEndpoint()?.Metadata.GetMetadata<SecretAnswer>() is not null;
                var answer = new IdempotentAnswer(request)
                {
                    Status = http.Response.StatusCode,
                    ContentType = http.Response.ContentType,
                    ETag = http.Response.Headers.ETag,
                    Location = http.Response.Headers.Location,
                    IsSecret = secret,
                    Body = secret ? null : Convert.ToBase64String(kept.GetBuffer(), 0, (int)kept.Length),
                };
                // Not bound to the request: what has happened must be remembered even when the caller hangs up now.
                await _items.PutAsync(
                    ItemJson.Item(_key, answer, IdempotencyJson.Default.IdempotentAnswer, expiresAt: _clock.GetUtcNow() + Remembered), Condition.None, CancellationToken.None);
            }
            kept.Position = 0;
            await kept.CopyToAsync(sent, _cancellation);
            return isKept;
        }

        private async Task AnswerAgainAsync(IdempotentAnswer first)
        {
            if (first.IsSecret)
                throw Problem.Conflict("This was already done, and its answer held a secret that is shown once. Revoke what was made and make a new one.", "secret-shown-once");
            http.Response.StatusCode = first.Status!.Value; // An answer without a status never gets here: it is in progress.
            http.Response.Headers[ReplayedHeader] = "true";
            if (first.ContentType is not null) http.Response.ContentType = first.ContentType;
            if (first.ETag is not null) http.Response.Headers.ETag = first.ETag;
            if (first.Location is not null) http.Response.Headers.Location = first.Location;
            if (first.Body is { Length: > 0 } body) await http.Response.Body.WriteAsync(Convert.FromBase64String(body), _cancellation);
        }

        /// <summary>What makes two requests the same: method, path with query, body.</summary>
        private async Task<string> RequestHashAsync()
        {
            http.Request.EnableBuffering();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}\n"));
            var buffer = new byte[16 * 1024];
            for (int read; (read = await http.Request.Body.ReadAsync(buffer, _cancellation)) > 0;) hash.AppendData(buffer.AsSpan(0, read));
            http.Request.Body.Position = 0;
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private sealed class SecretAnswer
    {
        public static readonly SecretAnswer Instance = new();
    }
}

/// <summary>What the first request with a key left: its hash while it runs, its answer when it is done.</summary>
internal sealed record IdempotentAnswer(string Request)
{
    public int? Status { get; init; }
    public string? ContentType { get; init; }
    public string? ETag { get; init; }
    public string? Location { get; init; }
    public bool IsSecret { get; init; }
    public string? Body { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IdempotentAnswer))]
internal sealed partial class IdempotencyJson : JsonSerializerContext;
