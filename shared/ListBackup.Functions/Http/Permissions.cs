using System.Security.Claims;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Functions;

/// <summary>What an endpoint demands of its caller; null permission: nothing, anybody may call.</summary>
public sealed record PermissionMetadata(Permission? Permission);

/// <summary>
/// Every endpoint names what it needs: <c>.Requires(Permission.SourcesRead)</c> with an <c>{accountId}</c> in its route,
/// <c>.Requires(Permission.Self)</c>, or <c>.AllowsAnybody()</c>. An endpoint that names nothing is refused at every call, and a test finds it.
/// </summary>
public static class Permissions
{
    public const string AccountParameter = "accountId";

    public static TBuilder Requires<TBuilder>(this TBuilder endpoint, Permission permission)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new PermissionMetadata(permission));

    public static TBuilder AllowsAnybody<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new PermissionMetadata(null));

    /// <summary>Put after routing and authentication: checks before the body is read, so a stranger's 10 MB cost nothing.</summary>
    public static IApplicationBuilder UsePermissions(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (http.GetEndpoint() is RouteEndpoint endpoint) await CheckAsync(http, endpoint);
        await next(http);
    });

    /// <summary>Who asks. Refuses with 401 when nobody is signed in.</summary>
    public static Caller GetCaller(this HttpContext http) => http.Features.Get<Caller>()
        ?? throw Problem.NotAuthenticated("Sign in, or send a valid access token as 'Authorization: Bearer …'.");

    /// <summary>The account of the route and the caller's role on it, as checked before the endpoint ran.</summary>
    public static Access GetAccess(this HttpContext http) => http.Features.Get<Access>()
        ?? throw new InvalidOperationException("This endpoint asks for an access that its permission does not establish.");

    private static async Task CheckAsync(HttpContext http, RouteEndpoint endpoint)
    {
        var demanded = endpoint.Metadata.GetMetadata<PermissionMetadata>()
            ?? throw Problem.NotAllowed($"{endpoint.RoutePattern.RawText} names no permission; it is closed until it does.");
        if (CallerOf(http.User) is { } known) http.Features.Set(known);
        if (demanded.Permission is not { } permission) return;

        var caller = http.GetCaller();
        if (permission == Permission.Self)
        {
            if (caller.Scopes is { } scopes && !scopes.Contains(permission)) throw Problem.NotAllowed("This API key does not include Self.", "scope-missing");
            return;
        }
        if (!AccountId.TryParse(http.GetRouteValue(AccountParameter) as string, out var account)) throw Problem.NotFound("The account");
        var access = await http.RequestServices.GetRequiredService<AccountAccess>().RequireAsync(caller, account, permission, http.RequestAborted);
        http.Features.Set(access);
    }

    /// <summary>Reads the claims that the issuer put into the access token; see docs/identity.md. Null when nobody is signed in.</summary>
    private static Caller? CallerOf(ClaimsPrincipal user)
    {
        if (user.Identity?.IsAuthenticated != true || !UserId.TryParse(user.FindFirstValue("sub"), out var userId)) return null;
        var apiKey = ApiKeyId.TryParse(user.FindFirstValue("key"), out var key) ? key : (ApiKeyId?)null;
        return new()
        {
            UserId = userId,
            SessionId = SessionId.TryParse(user.FindFirstValue("sid"), out var session) ? session : null,
            ApiKeyId = apiKey,
            // A scope that this version does not know grants nothing, but its presence still restricts; an API key without any may do nothing.
            Scopes = (user.FindFirstValue("scope") ?? (apiKey is null ? null : "")) is { } scope
                ? scope.Split(' ').Select(s => Enum.TryParse<Permission>(s, out var p) ? p : (Permission?)null).OfType<Permission>().ToHashSet()
                : null,
            Accounts = user.FindFirstValue("accounts") is { Length: > 0 } accounts
                ? [.. accounts.Split(' ').Select(AccountId.Parse)]
                : null,
        };
    }

    private static string? FindFirstValue(this ClaimsPrincipal user, string type) => user.FindFirst(type)?.Value;
}
