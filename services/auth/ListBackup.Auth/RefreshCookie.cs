using System.Net;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Auth;

/// <summary>
/// Where the refresh token travels. A client that sends <c>X-ListBackup-Client: browser</c> has it in a cookie that scripts cannot read; any other has it
/// in the body. The header is what guards the cookie: a foreign page can make a browser send the cookie (were SameSite=Strict not to stop it), but not
/// this header, because we allow no foreign origin to.
/// </summary>
internal static class RefreshCookie
{
    public const string ClientHeader = "X-ListBackup-Client";
    public const string Browser = "browser";
    public const string Name = "listbackup_refresh";
    public const string Path = "/v1/auth";

    public static bool IsBrowser(HttpContext http) => http.Request.Headers[ClientHeader] == Browser;

    /// <summary>The client's refresh token, or null when it sent none.</summary>
    public static string? Read(HttpContext http, RefreshRequest? request) => IsBrowser(http) ? http.Request.Cookies[Name] : request?.RefreshToken;

    /// <summary>The answer to a sign-in, with the refresh token where this client wants it.</summary>
    public static SignInAnswer Answer(HttpContext http, TokenSet tokens, TimeProvider clock)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (IsBrowser(http)) http.Response.Cookies.Append(Name, tokens.RefreshToken, Options(http, tokens.RefreshExpiresAt));
        return new()
        {
            UserId = tokens.UserId,
            AccessToken = tokens.Access.Token,
            ExpiresIn = (int)(tokens.Access.ExpiresAt - clock.GetUtcNow()).TotalSeconds,
            RefreshToken = IsBrowser(http) ? null : tokens.RefreshToken,
            RefreshExpiresAt = tokens.RefreshExpiresAt,
        };
    }

    public static void Clear(HttpContext http)
    {
        if (IsBrowser(http)) http.Response.Cookies.Delete(Name, Options(http, null));
    }

    private static CookieOptions Options(HttpContext http, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        Secure = http.Request.IsHttps || !IsLoopback(http.Request.Host.Host),
        SameSite = SameSiteMode.Strict,
        Path = Path,
        Expires = expires,
        IsEssential = true,
    };

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
