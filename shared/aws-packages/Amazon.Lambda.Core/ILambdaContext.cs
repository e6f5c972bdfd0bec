namespace Amazon.Lambda.Core;

/// <summary>What Lambda tells a handler about the invocation it serves.</summary>
public interface ILambdaContext
{
    /// <summary>The id of this invocation; a retry of the same event carries the same id.</summary>
    string AwsRequestId { get; }

    string FunctionName { get; }

    string FunctionVersion { get; }

    string InvokedFunctionArn { get; }

    ILambdaLogger Logger { get; }

    string LogGroupName { get; }

    string LogStreamName { get; }

    /// <summary>The memory given to the function, in MB.</summary>
    int MemoryLimitInMB { get; }

    /// <summary>What is left until Lambda ends the process; computed anew on each read.</summary>
    TimeSpan RemainingTime { get; }
}
