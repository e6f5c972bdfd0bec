namespace ListBackup.Connectors;

/// <summary>Whether a configuration works.</summary>
/// <param name="Succeeded">True when every stream that the manifest checks could be read.</param>
/// <param name="Reason">Otherwise what failed and what to do, fit for a person and free of secrets.</param>
/// <param name="Failure">The platform's failure behind it, if there was one.</param>
public sealed record CheckResult(bool Succeeded, string? Reason, PlatformException? Failure)
{
    public static readonly CheckResult Success = new(true, null, null);

    /// <summary>As <see cref="StreamList.Doubt"/>, where the check asked the platform for its streams.</summary>
    public string? Doubt { get; init; }
}
