using System.Globalization;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>A quota that each token has for some of the requests.</summary>
internal sealed record TokenQuota
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> RemainingPath { get; init; }

    public required IReadOnlyList<string> ResetPath { get; init; }

    /// <summary>Empty: the limit is what remained when it was first asked for.</summary>
    public required IReadOnlyList<string> LimitPath { get; init; }

    /// <summary>Which requests count; none: those that no other quota has.</summary>
    public required IReadOnlyList<RequestMatcher> Matchers { get; init; }

    public required string? RemainingHeader { get; init; }

    public required string? ResetHeader { get; init; }

    public required string? LimitHeader { get; init; }

    /// <summary>Statuses that say that a token's quota is spent, and nothing else.</summary>
    public required IReadOnlySet<int> ExhaustionCodes { get; init; }

    public static TokenQuota Parse(ComponentReader reader) => reader.Done(new TokenQuota
    {
        Name = reader.Text("name"),
        RemainingPath = reader.Has("remaining_path") ? reader.Texts("remaining_path") : throw reader.Missing("remaining_path"),
        ResetPath = reader.Has("reset_path") ? reader.Texts("reset_path") : throw reader.Missing("reset_path"),
        LimitPath = reader.Texts("limit_path"),
        Matchers = reader.Components("matchers", "HttpRequestRegexMatcher", RequestMatcher.Parse),
        RemainingHeader = reader.TextOrNull("remaining_header"),
        ResetHeader = reader.TextOrNull("reset_header"),
        LimitHeader = reader.TextOrNull("limit_header"),
        ExhaustionCodes = reader.Integers("exhaustion_status_codes"),
    });

    /// <summary>A time as quotas tell it: seconds since 1970, or a date.</summary>
    public static DateTimeOffset? Time(Value value) => value switch
    {
        { IsSmallInteger: true, Long: >= 0 and < 100_000_000_000 } => DateTimeOffset.FromUnixTimeSeconds(value.Long),
        { IsText: true } when long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) => Time(Value.Of(seconds)),
        { IsText: true } => Times.ParseLoose(value.Text),
        _ => null,
    };

    public static long? Count(Value value) => value switch
    {
        { IsSmallInteger: true } => value.Long,
        { IsText: true } when long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) => count,
        _ => null,
    };
}

/// <summary>Where the platform tells what is left of a token's quotas.</summary>
/// <param name="UnavailableCodes">Statuses that say that there are no quotas here; then nothing is counted.</param>
internal sealed record QuotaStatusSource(Template Url, HttpMethod Method, TemplateTree? Headers, IReadOnlySet<int> UnavailableCodes)
{
    public static QuotaStatusSource Parse(ComponentReader reader) => reader.Done(new QuotaStatusSource(
        reader.Template("url"),
        HttpMethod.Parse(reader.Choice("http_method", "GET", "GET", "POST")),
        reader.Tree("request_headers"),
        reader.Integers("unavailable_status_codes")));
}
