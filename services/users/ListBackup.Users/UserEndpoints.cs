using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace ListBackup.Users;

/// <summary>What a person does about themselves. The subject always comes from the token.</summary>
public static class UserEndpoints
{
    public static IEndpointRouteBuilder MapUsersEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var me = endpoints.MapGroup("/v1/users/me").WithTags("users").ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(422);

        me.MapGet("", (GetMe get, HttpContext http, CancellationToken cancellation) => get.RunAsync(http, cancellation))
            .WithName("getMe").WithSummary("The caller's profile").Requires(Permission.Self);
        me.MapPatch("", (UserRequest request, UpdateMe update, HttpContext http, CancellationToken cancellation) => update.RunAsync(request, http, cancellation))
            .WithName("updateMe").WithSummary("Changes the caller's profile").ProducesProblem(412).Requires(Permission.Self);
        me.MapDelete("", ([FromBody] DeleteUserRequest request, DeleteMe delete, HttpContext http, CancellationToken cancellation) => delete.RunAsync(request, http, cancellation))
            .WithName("deleteMe").WithSummary("Deletes the caller's login, keys and roles").ProducesProblem(409).Requires(Permission.Self);
        me.MapGet("/settings", (GetMySettings get, HttpContext http, CancellationToken cancellation) => get.RunAsync(http, cancellation))
            .WithName("getMySettings").WithSummary("The caller's settings").Requires(Permission.Self);
        me.MapPut("/settings", (UserSettingsBody request, PutMySettings put, HttpContext http, CancellationToken cancellation) => put.RunAsync(request, http, cancellation))
            .WithName("putMySettings").WithSummary("Replaces the caller's settings").ProducesProblem(412).Requires(Permission.Self);
        me.MapGet("/accounts", (ListMyAccounts list, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => list.RunAsync(http, limit, cursor, cancellation))
            .WithName("listMyAccounts").WithSummary("The accounts on which the caller has a role").Requires(Permission.Self);

        me.MapGet("/api-keys", (ListApiKeys list, HttpContext http, CancellationToken cancellation) => list.RunAsync(http, cancellation))
            .WithName("listApiKeys").WithSummary("The caller's API keys").Requires(Permission.Self);
        me.MapPost("/api-keys", (ApiKeyRequest request, CreateApiKey create, HttpContext http, CancellationToken cancellation) => create.RunAsync(request, http, cancellation))
            .WithName("createApiKey").WithSummary("Makes an API key; shows it this once").ProducesProblem(409).Requires(Permission.Self).AnswersSecret();
        me.MapDelete("/api-keys/{apiKeyId}", (ApiKeyId apiKeyId, RevokeApiKey revoke, HttpContext http, CancellationToken cancellation) => revoke.RunAsync(apiKeyId, http, cancellation))
            .WithName("revokeApiKey").WithSummary("Revokes an API key").ProducesProblem(404).Requires(Permission.Self);
        return endpoints;
    }
}
