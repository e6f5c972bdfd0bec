namespace Amazon.Lambda.Annotations.SQS;

/// <summary>The function works off a queue. <paramref name="queue"/> is an ARN, or @ and the queue's name in the deployment template.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class SQSEventAttribute(string queue) : Attribute
{
    public string Queue { get; set; } = queue;

    /// <summary>How many messages at most one invocation receives.</summary>
    public uint BatchSize { get; set; }

    /// <summary>How many invocations at most the queue starts at once, from 2 to 1000.</summary>
    public uint MaximumConcurrency { get; set; }
}
