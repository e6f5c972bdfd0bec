namespace Amazon.Lambda.Annotations;

/// <summary>Marks the method that a Lambda function runs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class LambdaFunctionAttribute : Attribute
{
    /// <summary>The function's name in the deployment template.</summary>
    public string? ResourceName { get; set; }

    /// <summary>How long one invocation may run, in seconds.</summary>
    public uint Timeout { get; set; }

    /// <summary>In MB.</summary>
    public uint MemorySize { get; set; }
}
