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

    public static bool IsSameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>303 asks for a GET by the standard, 301 and 302 by custom.</summary>
    public static HttpMethod Method(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.SeeOther => HttpMethod.Get,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found when method == HttpMethod.Post => HttpMethod.Get,
        _ => method,
    };
}
