using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Access;

/// <summary>Who calls, and whether they may write. <paramref name="Name"/> is the key of their rate limit.</summary>
internal sealed record Caller(string Name, bool MayWrite);

/// <summary>API keys (X-Api-Key, or as a bearer token) and OAuth access tokens.</summary>
internal sealed class Credentials(DemoPlatformOptions options, OAuthServer oauth)
{
    public Caller Identify(HttpContext context)
    {
        var credential = (string?)context.Request.Headers["X-Api-Key"];
        var authorization = (string?)context.Request.Headers.Authorization;
        if (credential is null && authorization is not null && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            credential = authorization["Bearer ".Length..].Trim();
        }

        if (credential is not null)
        {
            if (options.ApiKeys.Contains(credential)) return new Caller(credential, MayWrite: true);
            if (options.ReadOnlyApiKeys.Contains(credential)) return new Caller(credential, MayWrite: false);
            if (oauth.FindAccess(credential) is { } access) return new Caller(access.Family, access.Scopes.Contains("crm.write"));
        }

        context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        throw new ApiProblem(401, "unauthorized", "An API key or an access token is required, and this one is unknown or expired.");
    }

    public static void RequirePermission(HttpContext context, Caller caller)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || caller.MayWrite) return;
        throw new ApiProblem(403, "forbidden", "This credential may only read.");
    }
}
