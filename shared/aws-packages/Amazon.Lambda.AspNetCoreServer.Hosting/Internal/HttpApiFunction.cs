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
    // What is left of the time when a request is aborted: enough to write the 504 that tells so, instead of being killed without an answer.
    private static readonly TimeSpan AnswerMargin = TimeSpan.FromMilliseconds(500);

    public async Task<Stream> AnswerAsync(Stream input, ILambdaContext context)
    {
        var request = serializer.Deserialize<APIGatewayHttpApiV2ProxyRequest>(input);
        using var deadline = new CancellationTokenSource(Max(context.RemainingTime - AnswerMargin, TimeSpan.Zero));
        var features = new HttpApiFeatures(request, context, deadline);
        await ProcessAsync(features);
        if (deadline.IsCancellationRequested && features.AbortedUnanswered)
            return Write(Problem(StatusCodes.Status504GatewayTimeout, "time-out", "Time-out", "The request took longer than the function may run."));
        // Escaping and base64 make a body longer, so only its written form tells whether it may be sent.
        var answer = features.IsTooLarge ? null : Write(features.ToResponse());
        return answer?.Length <= HttpApiLimits.AnswerBytesMax ? answer : TooLarge();
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

    private MemoryStream TooLarge()
    {
        logger.LogError("An answer is larger than the {BytesMax} bytes that Lambda lets pass.", HttpApiLimits.AnswerBytesMax);
        return Write(Problem(StatusCodes.Status500InternalServerError, "answer-too-large", "Answer too large",
            "The answer is larger than the 6 MB that can be sent. Ask for a smaller page, or export instead."));
    }

    private MemoryStream Write(APIGatewayHttpApiV2ProxyResponse answer)
    {
        var output = new MemoryStream();
        serializer.Serialize(answer, output);
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
