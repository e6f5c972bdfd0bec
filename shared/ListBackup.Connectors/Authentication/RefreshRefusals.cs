using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Authentication;

/// <summary>Which refusals of a token endpoint mean that the grant is gone and a person is needed; any other may pass.</summary>
internal sealed record RefreshRefusals(IReadOnlySet<int> Codes, string Key, IReadOnlySet<string> Values)
{
    /// <summary>Final by RFC 6749, section 5.2: they would be the same tomorrow.</summary>
    private static readonly HashSet<string> FinalErrors = new(StringComparer.Ordinal)
    {
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "access_denied",
    };

    private static readonly HashSet<string> PassingErrors = new(StringComparer.Ordinal) { "temporarily_unavailable", "server_error", "slow_down", "authorization_pending" };

    /// <summary>Null when the manifest does not say.</summary>
    public static RefreshRefusals? Parse(ComponentReader reader)
    {
        var (codes, key, values) = (reader.Integers("refresh_token_error_status_codes"), reader.TextOrNull("refresh_token_error_key"), reader.Texts("refresh_token_error_values"));
        if (codes.Count == 0 && string.IsNullOrEmpty(key) && values.Count == 0)
            return null;
        if (codes.Count == 0 || string.IsNullOrEmpty(key) || values.Count == 0)
            throw reader.Problem("refresh_token_error_key", "Status codes, key and values of a refusal belong together: give all three or none.");

        return new RefreshRefusals(codes, key, values.ToHashSet(StringComparer.Ordinal));
    }

    /// <param name="refusals">What the manifest says, or null.</param>
    public static bool IsFinal(RefreshRefusals? refusals, int status, Value answer)
    {
        var error = Member(answer, "error");
        if (status is < 400 or >= 500 || (error is not null && PassingErrors.Contains(error)))
            return false;
        if (refusals is null)
            return true;

        // What the manifest does not name is final only where the standard is clear about it.
        return (refusals.Codes.Contains(status) && Member(answer, refusals.Key) is { } named && refusals.Values.Contains(named))
            || (error is not null && FinalErrors.Contains(error));
    }

    private static string? Member(Value answer, string key) =>
        answer.Kind == ValueKind.Map && answer.Map[key] is { IsNothing: false, Kind: not (ValueKind.Map or ValueKind.List) } value ? PythonText.Str(value) : null;
}
