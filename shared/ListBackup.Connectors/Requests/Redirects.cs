using System.Net;

namespace ListBackup.Connectors.Requests;

internal static class Redirects
{
    /// <summary>Where the answer sends us, or null when it is no redirect.</summary>
    public static Uri? Target(HttpResponseMessage answer, Uri from)
    {
        if (answer.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
        {
            return null;
        }

        return answer.Headers.Location is { } location && Uri.TryCreate(from, location, out var target)
            && (target.Scheme == Uri.UriSchemeHttp || target.Scheme == Uri.UriSchemeHttps)
            ? target
            : null;
    }

    /// <summary>True for the same scheme, host and port, and for a host that leads its visitors from http to https.</summary>
    public static bool IsSameOrigin(Uri from, Uri to) =>
        string.Equals(from.IdnHost, to.IdnHost, StringComparison.OrdinalIgnoreCase) && IsSameDoor(from.Scheme, from.Port, to);

    /// <summary>The same scheme and port of a host, or those to which it leads from http: what was sent in clear before may be sent encrypted.</summary>
    public static bool IsSameDoor(string scheme, int port, Uri to) => scheme == to.Scheme
        ? port == to.Port
        : to.Scheme == Uri.UriSchemeHttps && (port == to.Port || (port == 80 && to.Port == 443));

    /// <summary>303 asks for a GET by the standard, 301 and 302 by custom.</summary>
    public static HttpMethod Method(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.SeeOther => HttpMethod.Get,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found when method == HttpMethod.Post => HttpMethod.Get,
        _ => method,
    };
}
