namespace ListBackup.Demo.Access;

/// <summary>Who is signed in on the consent page. There is one person, so a session is only a secret.</summary>
internal sealed class Sessions
{
    private const string Cookie = "demo_session";
    private const int SessionsMax = 1_000;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _sessions = [];

    public void SignIn(HttpContext context)
    {
        var session = OAuthServer.Secret("");
        lock (_gate)
        {
            if (_sessions.Count >= SessionsMax) _sessions.Clear();
            _sessions.Add(session);
        }

        context.Response.Cookies.Append(Cookie, session, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/oauth" });
    }

    public bool IsSignedIn(HttpContext context)
    {
        lock (_gate) return context.Request.Cookies.TryGetValue(Cookie, out var session) && _sessions.Contains(session);
    }
}
