using System.Collections.Concurrent;
using System.Net;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>
/// What signing in left behind: login tokens and, where the connector says that its platform wants them, cookies. A read has one of its own; a restore
/// keeps one for all its records, so that it does not sign in for each. In memory only, and never longer than the work.
/// </summary>
internal sealed class SignIn(bool keepsCookies)
{
    private volatile CookieContainer? _cookies = keepsCookies ? new CookieContainer() : null;

    /// <summary>By what the manifest says of the login: a stream and its parents, each compiled for itself, sign in once.</summary>
    public ConcurrentDictionary<string, SessionLogin> Logins { get; } = new(StringComparer.Ordinal);

    /// <summary>A login starts without cookies: platforms refuse to sign in who seems to have signed in.</summary>
    public void ForgetCookies()
    {
        if (keepsCookies)
            _cookies = new CookieContainer();
    }

    public void AddCookies(RequestParts parts, Uri url)
    {
        if (_cookies?.GetCookieHeader(url) is not { Length: > 0 } cookies)
            return;
        parts.SetHeader("Cookie", cookies);
    }

    public void KeepCookies(RawAnswer answer, Uri url)
    {
        // A redirect to another host leaves the address where it was, and that host has no cookies of the platform to set.
        if (_cookies is null || answer.IsForeign || !answer.Headers.TryGetValue("Set-Cookie", out var cookies))
            return;
        try
        {
            _cookies.SetCookies(url, cookies);
        }
        catch (CookieException)
        {
            // A cookie that breaks the rules is none. Signing in shows whether it was needed.
        }
    }
}
