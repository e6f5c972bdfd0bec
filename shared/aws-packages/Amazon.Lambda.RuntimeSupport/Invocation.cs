using System.Globalization;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>One event taken from the Runtime API.</summary>
internal sealed class Invocation(HttpResponseMessage next, Stream input) : IDisposable
{
    public string RequestId { get; } = Header(next, "Lambda-Runtime-Aws-Request-Id")
        ?? throw new RuntimeApiException("The Runtime API sent an event without Lambda-Runtime-Aws-Request-Id.");

    public string? TraceId { get; } = Header(next, "Lambda-Runtime-Trace-Id");

    public Stream Input { get; } = input;

    public ILambdaContext Context => new LambdaContext
    {
        AwsRequestId = RequestId,
        InvokedFunctionArn = Header(next, "Lambda-Runtime-Invoked-Function-Arn") ?? "",
        Deadline = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(Header(next, "Lambda-Runtime-Deadline-Ms") ?? "0", CultureInfo.InvariantCulture)),
    };

    public void Dispose() => next.Dispose();

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.First() : null;
}

/// <summary>What the Runtime API said of the invocation, and Lambda of the function in the environment.</summary>
internal sealed class LambdaContext : ILambdaContext
{
    public required string AwsRequestId { get; init; }

    public required string InvokedFunctionArn { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    public TimeSpan RemainingTime => Deadline - TimeProvider.System.GetUtcNow();

    public string FunctionName => Variable("AWS_LAMBDA_FUNCTION_NAME");

    public string FunctionVersion => Variable("AWS_LAMBDA_FUNCTION_VERSION");

    public string LogGroupName => Variable("AWS_LAMBDA_LOG_GROUP_NAME");

    public string LogStreamName => Variable("AWS_LAMBDA_LOG_STREAM_NAME");

    public int MemoryLimitInMB => int.TryParse(Variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), out var size) ? size : 0;

    public ILambdaLogger Logger => ConsoleLogger.Instance;

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    // Lambda carries what a process writes to its console into CloudWatch Logs.
    private sealed class ConsoleLogger : ILambdaLogger
    {
        public static readonly ConsoleLogger Instance = new();

        public void Log(string message) => Console.Write(message);

        public void LogLine(string message) => Console.WriteLine(message);
    }
}
