using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>Several tokens of one right, each with a quota of its own; the next one is used when one is spent.</summary>
internal sealed class RateLimitedMultipleTokenAuthenticator : Authenticator
{
    public required IReadOnlyList<Template> Tokens { get; init; }

    /// <summary>What stands between tokens that are given as one text; null: they are given as a list.</summary>
    public required string? Delimiter { get; init; }

    /// <summary>The word before the token; empty: none.</summary>
    public required string Method { get; init; }

    public required string Header { get; init; }

    public required QuotaStatusSource Source { get; init; }

    public required IReadOnlyList<TokenQuota> Quotas { get; init; }

    public required Template? WaitMax { get; init; }

    /// <summary>The part of a quota, 0 to 1, below which calls are spread over the rest of its window.</summary>
    public required double ReserveFraction { get; init; }

    public required int ReserveMin { get; init; }

    public static new RateLimitedMultipleTokenAuthenticator Parse(ComponentReader reader)
    {
        var isList = reader.Raw("tokens").Kind == ValueKind.List;
        var quotas = reader.Components("quotas", nameof(TokenQuota), TokenQuota.Parse);
        var delimiter = reader.TextOrNull("token_delimiter") ?? ",";
        if (quotas.Count == 0)
            throw reader.Missing("quotas");
        if (delimiter.Length == 0)
            throw reader.Problem("token_delimiter", "At least one character is wanted.");

        return reader.Done(new RateLimitedMultipleTokenAuthenticator
        {
            Tokens = isList ? reader.Templates("tokens") : [reader.Template("tokens")],
            Delimiter = isList ? null : delimiter,
            Method = reader.Raw("auth_method") is { IsText: true, Text: "" } ? "" : reader.TextOrNull("auth_method") ?? "Bearer",
            Header = reader.TextOrNull("header") ?? "Authorization",
            Source = reader.Component("quota_status_source", nameof(QuotaStatusSource), QuotaStatusSource.Parse),
            Quotas = quotas,
            WaitMax = reader.TemplateOrNull("max_wait_time"),
            ReserveFraction = reader.NumberOrNull("budget_reserve_fraction") ?? 0.1,
            ReserveMin = reader.IntegerOrNull("budget_min_reserve") ?? 50,
        });
    }

    public override async ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        var token = await Pool(context, session).TakeAsync(parts, session, cancellation);
        Sign(parts, token);

        return token;
    }

    public override bool Observe(RequestParts parts, HttpAnswer answer, string? credential, ExpressionContext context, Session session) =>
        credential is not null && Pool(context, session).Observe(parts, answer, credential);

    /// <summary>Puts one token into a request.</summary>
    public void Sign(RequestParts parts, string token)
    {
        parts.SetHeader(Header, $"{Method} {token}".Trim());
    }

    private TokenPool Pool(ExpressionContext context, Session session)
    {
        var tokens = Tokens
            .SelectMany(template => template.EvaluateText(context) is not { } text ? [] : Delimiter is null ? [text] : text.Split(Delimiter))
            .Select(token => token.Trim()).Where(token => token.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (tokens.Count == 0)
            throw new ConfigException("The configuration has no token.");

        // A parent stream has an authenticator of its own, with the same tokens and so the same quotas.
        return session.TokenPools.GetOrAdd(string.Join('\n', tokens), _ => new TokenPool(this, tokens, context));
    }
}
