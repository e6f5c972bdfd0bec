using System.Security.Cryptography;
using ListBackup.Demo.Api;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Access;

/// <summary>
/// A POST with an Idempotency-Key runs once; a repetition within 24 hours gets the first answer again, refusals included. Requests with a key run one
/// after the other, so two at the same moment cannot both run.
/// </summary>
internal sealed class IdempotentAnswers(TimeProvider time) : IDisposable
{
    private const int AnswersMax = 10_000;
    private const int BodyBytesMax = RecordWrites.ContentBytesMax;
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(24);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Dictionary<(string Caller, string Key), Answer> _answers = [];
    private readonly Queue<(string, string)> _oldestFirst = [];

    public async Task InvokeAsync(HttpContext context, string caller, RequestDelegate next)
    {
        var key = (string?)context.Request.Headers["Idempotency-Key"];
        if (key is null || !HttpMethods.IsPost(context.Request.Method))
        {
            await next(context);
            return;
        }

        if (key.Length is 0 or > 128) throw ApiProblem.BadRequest("An Idempotency-Key has 1 to 128 characters.");
        var body = await Answers.BytesAsync(context, BodyBytesMax);
        var request = Convert.ToHexString(SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(context.Request.Path + context.Request.QueryString), 0, .. body]));
        await _oneAtATime.WaitAsync(context.RequestAborted);
        try
        {
            if (!_answers.TryGetValue((caller, key), out var answer) || answer.Until < time.GetUtcNow())
            {
                answer = await RunAsync(context, body, request, next);
                Remember((caller, key), answer);
            }
            else
            {
                context.Response.Headers["Idempotent-Replayed"] = "true";
            }

            if (answer.Request != request) throw new ApiProblem(422, "idempotency_key_reused", "The Idempotency-Key was used for another request.");
            await Answers.BytesAsync(context, answer.Status, answer.Body);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<Answer> RunAsync(HttpContext context, byte[] body, string request, RequestDelegate next)
    {
        var original = context.Response.Body;
        using var written = new MemoryStream();
        using var read = new MemoryStream(body);
        context.Request.Body = read;
        context.Response.Body = written;
        try
        {
            await RefusalMiddleware.InvokeAsync(context, next);
        }
        finally
        {
            context.Response.Body = original;
            context.Response.ContentLength = null;
        }

        return new Answer(request, context.Response.StatusCode, written.ToArray(), time.GetUtcNow() + s_lifetime);
    }

    private void Remember((string, string) key, Answer answer)
    {
        if (!_answers.ContainsKey(key)) _oldestFirst.Enqueue(key);
        _answers[key] = answer;
        if (_oldestFirst.Count > AnswersMax) _answers.Remove(_oldestFirst.Dequeue());
    }

    public void Dispose() => _oneAtATime.Dispose();

    private sealed record Answer(string Request, int Status, byte[] Body, DateTimeOffset Until);
}
