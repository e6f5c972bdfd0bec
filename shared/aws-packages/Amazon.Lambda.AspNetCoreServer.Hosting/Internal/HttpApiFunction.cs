using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Amazon.Lambda.AspNetCoreServer.Hosting.Internal;

/// <summary>Passes one API Gateway event through the application.</summary>
internal sealed class HttpApiFunction<TContext>(IHttpApplication<TContext> application, ILambdaSerializer serializer, ILogger logger)
    where TContext : notnull
{
    /// <summary>Lambda's limit on the answer of a synchronous invocation, 6 MB less what its envelope needs.</summary>
    public const int AnswerBytesMax = (6 * 1024 * 1024) - (4 * 1024);

    // What is left of the time when a request is aborted: enough to write the 504 that tells so, instead of being killed without an answer.
    private static readonly TimeSpan AnswerMargin = TimeSpan.FromMilliseconds(500);

    public async Task<Stream> AnswerAsync(Stream input, ILambdaContext context)
    {
        var request = serializer.Deserialize<APIGatewayHttpApiV2ProxyRequest>(input);
        using var deadline = new CancellationTokenSource(Max(context.RemainingTime - AnswerMargin, TimeSpan.Zero));
        var features = new HttpApiFeatures(request, context, deadline);
        await ProcessAsync(features);
        var answer = deadline.IsCancellationRequested && features.AbortedUnanswered
            ? Problem(StatusCodes.Status504GatewayTimeout, "time-out", "Time-out", "The request took longer than the function may run.")
            : features.ToResponse();
        return Serialize(answer);
    }

    private async Task ProcessAsync(HttpApiFeatures features)
    {
        var http = application.CreateContext(features.Collection);
        try
        {
            await application.ProcessRequestAsync(http);
            await features.CompleteAsync();
            application.DisposeContext(http, null);
        }
        catch (Exception exception)
        {
            // As Kestrel does: the reason goes to the log, and the caller hears a bare 500.
            logger.LogError(exception, "The application failed with an unhandled exception.");
            features.Fail();
            application.DisposeContext(http, exception);
        }
        finally
        {
            await features.FireCompletedAsync(logger);
        }
    }

    private MemoryStream Serialize(APIGatewayHttpApiV2ProxyResponse answer)
    {
        var output = new MemoryStream();
        serializer.Serialize(answer, output);
        if (output.Length > AnswerBytesMax)
        {
            logger.LogError("An answer of {Bytes} bytes is larger than Lambda lets pass.", output.Length);
            output = new();
            serializer.Serialize(Problem(StatusCodes.Status500InternalServerError, "answer-too-large", "Answer too large",
                "The answer is larger than the 6 MB that can be sent. Ask for a smaller page, or export instead."), output);
        }
        output.Position = 0;
        return output;
    }

    private static APIGatewayHttpApiV2ProxyResponse Problem(int status, string code, string title, string detail) => new()
    {
        StatusCode = status,
        Headers = new Dictionary<string, string> { ["content-type"] = "application/problem+json" },
        Body = $$"""{"type":"https://listbackup.dev/problems/{{code}}","title":"{{title}}","status":{{status}},"detail":"{{detail}}"}""",
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
