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
/// <param name="Message">The manifest's words, when they are constant: words made of the answer could hold content or secrets.</param>
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
