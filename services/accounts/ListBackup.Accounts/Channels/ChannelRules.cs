using System.Net;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>What channels may be. Where a URL leads is checked again at every connection, because names move.</summary>
internal static class ChannelRules
{
    private const int EventsMax = 50;
    private const int EventLengthMax = 64;
    private const int UrlLengthMax = 2000;
    private const string SlackHost = "hooks.slack.com";

    public static IReadOnlyList<string> RequireEvents(IReadOnlyList<string> events)
    {
        if (events.Count is 0 or > EventsMax) throw Problem.Invalid("events", $"Name 1 to {EventsMax} events, or '*' for all.");
        if (!events.All(IsEvent)) throw Problem.Invalid("events", "An event is written like run.failed; a * may stand at the end.");
        return [.. events.Distinct(StringComparer.Ordinal)];

        static bool IsEvent(string? e) =>
            e is { Length: > 0 and <= EventLengthMax } && e[..^1].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-') && (e[^1] == '*' || char.IsAsciiLetterOrDigit(e[^1]));
    }

    public static Uri RequireUrl(string text, ChannelKind kind, bool allowPrivate)
    {
        if (text.Length > UrlLengthMax || !Uri.TryCreate(text, UriKind.Absolute, out var url)) throw Problem.Invalid("target", "This is no URL.");
        if (url.Scheme != Uri.UriSchemeHttps && !(allowPrivate && url.Scheme == Uri.UriSchemeHttp)) throw Problem.Invalid("target", "Use an https URL.");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0) throw Problem.Invalid("target", "The URL must have no user name, password or fragment.");
        if (allowPrivate) return url;
        if (kind == ChannelKind.Slack && url.Host != SlackHost) throw Problem.Invalid("target", $"Slack's incoming webhooks start with https://{SlackHost}/.");
        if (url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !PublicAddress.Is(address)))
            throw Problem.Invalid("target", "This address does not lie on the public internet.");
        return url;
    }
}
