using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace ListBackup.Platforms;

/// <summary>Table of contents of this service: route, permission, use case, answer.</summary>
public static class PlatformEndpoints
{
    public static void MapPlatforms(this IEndpointRouteBuilder app)
    {
        MapCatalogue(app.MapGroup("/v1/platforms").WithTags("platforms"));
        MapManifests(app.MapGroup("/v1/accounts/{accountId}/manifests").WithTags("manifests"));
        MapConnections(app.MapGroup("/v1/accounts/{accountId}/connections").WithTags("connections"));
        MapWebhooks(app.MapGroup("/v1/accounts/{accountId}/connections/{connectionId}/webhook").WithTags("connections"));
        app.MapGet(OAuthRoutes.Callback, OAuthCallbackAsync)
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces<string>(StatusCodes.Status400BadRequest, "text/html")
            .AllowsAnybody().WithTags("connections").WithName("finishOAuth").WithSummary("Where a platform sends a person back to; answers a page");
        app.MapPost(WebhookRoutes.Receive, ReceiveWebhookAsync)
            .Produces(StatusCodes.Status202Accepted)
            .AllowsAnybody().WithTags("connections").WithName("receiveWebhook").WithSummary("Where a platform calls when something changed there; what changed is read from it soon after");
    }

    private static void MapCatalogue(RouteGroupBuilder platforms)
    {
        platforms.MapGet("", (ListPlatforms list, string? search, string? category, int? limit, string? cursor) =>
                TypedResults.Ok(list.Run(search, category, limit, cursor)))
            .Requires(Permission.Self).WithName("listPlatforms").WithSummary("The catalogue: search by name, filter by category");

        platforms.MapGet("/{platform}", (GetPlatform get, string platform) => TypedResults.Ok(get.Run(platform)))
            .Requires(Permission.Self).WithName("getPlatform").WithSummary("One platform: what to fill in, its streams, what can be restored");

        // An <img> cannot send a token, and an icon is no secret.
        platforms.MapGet("/{platform}/icon", IResult (ConnectorCatalogue catalogue, HttpContext http, string platform) =>
            {
                if (catalogue.IconPath(platform) is not { } path) throw Problem.NotFound("The icon");
                http.Response.Headers.CacheControl = "public, max-age=86400";
                return TypedResults.PhysicalFile(path, path.EndsWith(".svg", StringComparison.Ordinal) ? "image/svg+xml" : "image/png");
            })
            .AllowsAnybody().WithName("getPlatformIcon").WithSummary("The platform's icon");
    }

    private static void MapManifests(RouteGroupBuilder manifests)
    {
        manifests.MapPost("/validate", (ValidateManifest validate, ManifestText text) => TypedResults.Ok(validate.Run(text.Manifest)))
            .Requires(Permission.ManifestsManage).WithName("validateManifest").WithSummary("Everything that is wrong with a manifest; stores nothing");

        manifests.MapPost("", async (HttpContext http, CreateManifest create, NewManifest wanted, CancellationToken cancellation) =>
            {
                var created = await create.RunAsync(http.GetAccess(), wanted, cancellation);
                return TypedResults.Created($"{http.Request.Path}/{created.Id}", created);
            })
            .Requires(Permission.ManifestsManage).WithName("createManifest").WithSummary("Stores a manifest of your own as a platform of this account");

        manifests.MapGet("", async (ConnectionStore store, AccountId accountId, int? limit, string? cursor, CancellationToken cancellation) =>
                TypedResults.Ok(await store.ListManifestsAsync(accountId, limit, cursor, cancellation)))
            .Requires(Permission.PlatformsRead).WithName("listManifests").WithSummary("Manifests of this account");

        manifests.MapGet("/{manifestId}", async (CustomerManifests stored, AccountId accountId, ManifestId manifestId, CancellationToken cancellation) =>
            {
                var found = await stored.FindAsync(accountId, manifestId, cancellation) ?? throw Problem.NotFound("The manifest");
                var loaded = await stored.LoadAsync(accountId, manifestId, cancellation) ?? throw Problem.NotFound("The manifest");
                return TypedResults.Ok(new ManifestDetails(ManifestView.Of(found.Value), PlatformDetails.Of(loaded, found.Value.Name, hasIcon: false), found.Value.Unpack()));
            })
            .Requires(Permission.PlatformsRead).WithName("getManifest").WithSummary("One manifest with its text and what it gives");

        manifests.MapDelete("/{manifestId}", async (HttpContext http, DeleteManifest delete, ManifestId manifestId, CancellationToken cancellation) =>
            {
                await delete.RunAsync(http.GetAccess(), manifestId, cancellation);
                return TypedResults.NoContent();
            })
            .Requires(Permission.ManifestsManage).WithName("deleteManifest").WithSummary("Deletes a manifest that no connection uses");
    }

    private static void MapConnections(RouteGroupBuilder connections)
    {
        connections.MapPost("", async (HttpContext http, CreateConnection create, NewConnection wanted, CancellationToken cancellation) =>
            {
                var created = await create.RunAsync(http.GetAccess(), wanted, cancellation);
                http.WriteETag(created.Version);
                return TypedResults.Created($"{http.Request.Path}/{created.Value.Id}", ConnectionView.Of(created.Value));
            })
            .Requires(Permission.ConnectionsManage).WithName("createConnection").WithSummary("Connects a platform; secrets are sealed and never shown again");

        connections.MapGet("", async (ConnectionStore store, AccountId accountId, int? limit, string? cursor, CancellationToken cancellation) =>
                TypedResults.Ok(await store.ListAsync(accountId, limit, cursor, cancellation)))
            .Requires(Permission.ConnectionsRead).WithName("listConnections").WithSummary("Connections of this account");

        connections.MapGet("/{connectionId}", async Task<Results<Ok<ConnectionView>, StatusCodeHttpResult>> (
                HttpContext http, ConnectionStore store, AccountId accountId, ConnectionId connectionId, CancellationToken cancellation) =>
            {
                var found = await store.GetAsync(accountId, connectionId, cancellation);
                return http.IsNotModified(found.Version) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(ConnectionView.Of(found.Value));
            })
            .Requires(Permission.ConnectionsRead).WithName("getConnection").WithSummary("One connection, without its secrets");

        connections.MapPatch("/{connectionId}", async (HttpContext http, ChangeConnection change, ConnectionId connectionId, ConnectionChange wanted, CancellationToken cancellation) =>
            {
                var changed = await change.RunAsync(http.GetAccess(), connectionId, wanted, http.IfMatch(), cancellation);
                http.WriteETag(changed.Version);
                return TypedResults.Ok(ConnectionView.Of(changed.Value));
            })
            .Requires(Permission.ConnectionsManage).WithName("changeConnection").WithSummary("Changes name, configuration or ceiling; secrets that are left out stay");

        connections.MapDelete("/{connectionId}", async (HttpContext http, DeleteConnection delete, ConnectionId connectionId, CancellationToken cancellation) =>
            {
                await delete.RunAsync(http.GetAccess(), connectionId, http.IfMatch(), cancellation);
                return TypedResults.NoContent();
            })
            .Requires(Permission.ConnectionsManage).WithName("deleteConnection").WithSummary("Deletes a connection, its secrets and tokens, and revokes it at the platform where that is possible");

        connections.MapPost("/{connectionId}/test", async (HttpContext http, TestConnection test, ConnectionId connectionId, CancellationToken cancellation) =>
                TypedResults.Ok(await test.RunAsync(http.GetAccess(), connectionId, cancellation)))
            .Requires(Permission.ConnectionsManage).WithName("testConnection").WithSummary("Tries the connection at the platform");

        connections.MapPost("/{connectionId}/reconnect", async (
                HttpContext http, [FromServices] ReconnectConnection reconnect, ConnectionId connectionId, Reconnection? wanted, CancellationToken cancellation) =>
            {
                var (answer, start, cookie) = await reconnect.RunAsync(http.GetAccess(), connectionId, wanted, cancellation);
                if (start is not null && cookie is not null) SetCookie(http, cookie, start.ExpiresAt);
                return TypedResults.Ok(answer);
            })
            .Requires(Permission.ConnectionsManage).WithName("reconnectConnection").WithSummary("Brings a refused connection back: new secrets, or a new sign-in at the platform");

        connections.MapGet("/{connectionId}/health", async (ConnectionStore store, AccountId accountId, ConnectionId connectionId, CancellationToken cancellation) =>
                TypedResults.Ok(ConnectionHealthView.Of((await store.GetAsync(accountId, connectionId, cancellation)).Value.Health)))
            .Requires(Permission.ConnectionsRead).WithName("getConnectionHealth").WithSummary("Whether the connection works, as far as anybody has tried");

        connections.MapGet("/{connectionId}/scopes", async (
                ConnectionStore store, StoredConnections opened, AccountId accountId, ConnectionId connectionId, CancellationToken cancellation) =>
            {
                var connection = (await store.GetAsync(accountId, connectionId, cancellation)).Value;
                var wanted = (await opened.LoadAsync(accountId, connection.Platform, cancellation))?.Connector.OAuth?.Scopes ?? [];
                return TypedResults.Ok(new ConnectionScopes(wanted, connection.Scopes, connection.Scopes.Count == 0 ? [] : [.. wanted.Except(connection.Scopes, StringComparer.Ordinal)]));
            })
            .Requires(Permission.ConnectionsRead).WithName("getConnectionScopes").WithSummary("Scopes that the connector wants and the platform granted");

        connections.MapPost("/{connectionId}/oauth", async (HttpContext http, StartOAuth start, ConnectionId connectionId, CancellationToken cancellation) =>
            {
                var (begun, cookie) = await start.RunAsync(http.GetAccess(), connectionId, cancellation);
                SetCookie(http, cookie, begun.ExpiresAt);
                return TypedResults.Ok(begun);
            })
            // The answer holds the state of one attempt; a replay would bring an address that is used up.
            .AnswersSecret().Requires(Permission.ConnectionsManage).WithName("startOAuth").WithSummary("Where to send a person to grant access at the platform");
    }

    private static void MapWebhooks(RouteGroupBuilder webhook)
    {
        webhook.MapPut("", async (HttpContext http, [FromServices] EnableWebhook enable, ConnectionId connectionId, ConnectionWebhookChange? wanted, CancellationToken cancellation) =>
                TypedResults.Ok(await enable.RunAsync(http.GetAccess(), connectionId, wanted, cancellation)))
            .AnswersSecret().Requires(Permission.ConnectionsManage).WithName("enableWebhook").WithSummary("Lets the platform call when something changed: makes the address, or takes the platform's secret");

        // The address is half a secret, and whoever only reads has no use for it.
        webhook.MapGet("", async (GetWebhook get, AccountId accountId, ConnectionId connectionId, CancellationToken cancellation) =>
                TypedResults.Ok(await get.RunAsync(accountId, connectionId, cancellation)))
            .Requires(Permission.ConnectionsManage).WithName("getWebhook").WithSummary("Where the platform calls, which events to choose there, and when it called last");

        webhook.MapDelete("", async (HttpContext http, DisableWebhook disable, ConnectionId connectionId, CancellationToken cancellation) =>
            {
                await disable.RunAsync(http.GetAccess(), connectionId, cancellation);
                return TypedResults.NoContent();
            })
            .Requires(Permission.ConnectionsManage).WithName("disableWebhook").WithSummary("Takes no calls of the platform any more; its address ends for good");
    }

    /// <summary>The address is looked up before a byte of the body is read: a stranger's megabyte costs nothing.</summary>
    private static async Task<StatusCodeHttpResult> ReceiveWebhookAsync(
        HttpContext http, WebhookAddresses addresses, ReceiveWebhook receive, string connection, string token, CancellationToken cancellation)
    {
        var webhook = await addresses.FindAsync(connection, token, cancellation) ?? throw Problem.NotFound("The address");
        await receive.RunAsync(webhook, await WebhookRequest.ReadAsync(http, addresses.Url(webhook.ConnectionId, token), cancellation), cancellation);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<ContentHttpResult> OAuthCallbackAsync(
        HttpContext http, FinishOAuth finish, string? state, string? code, string? error, CancellationToken cancellation)
    {
        var outcome = await finish.RunAsync(state, code, error, http.Request.Cookies[OAuthRoutes.Cookie], cancellation);
        http.Response.Cookies.Delete(OAuthRoutes.Cookie, CookieOptions(http, null));
        return TypedResults.Content(
            OAuthPage.Html(outcome), OAuthPage.ContentType, statusCode: outcome == OAuthOutcome.Connected ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static void SetCookie(HttpContext http, string cookie, DateTimeOffset expiresAt) =>
        http.Response.Cookies.Append(OAuthRoutes.Cookie, cookie, CookieOptions(http, expiresAt));

    // Lax: the browser comes back from the platform by a link, and must bring the cookie along.
    private static CookieOptions CookieOptions(HttpContext http, DateTimeOffset? expiresAt) => new()
    {
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = OAuthRoutes.Callback,
        Expires = expiresAt,
        IsEssential = true,
    };
}
