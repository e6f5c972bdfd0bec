namespace ListBackup.Connectors.Requests;

internal enum ResponseAction
{
    Success,
    Retry,
    Fail,
    Ignore,
    ResetPagination,
    RateLimited,
    RefreshTokenThenRetry,
}

/// <summary>What the manifest makes of an answer.</summary>
/// <param name="Message">The manifest's own words. What they would compute is left out, since an answer or a configuration may hold content and secrets.</param>
internal sealed record Resolution(ResponseAction Action, string? FailureType = null, string? Message = null)
{
    public static readonly Resolution Success = new(ResponseAction.Success);

    public static ResponseAction ParseAction(string text) => text switch
    {
        "SUCCESS" => ResponseAction.Success,
        "RETRY" => ResponseAction.Retry,
        "FAIL" => ResponseAction.Fail,
        "IGNORE" => ResponseAction.Ignore,
        "RESET_PAGINATION" => ResponseAction.ResetPagination,
        "RATE_LIMITED" => ResponseAction.RateLimited,
        _ => ResponseAction.RefreshTokenThenRetry,
    };
}
