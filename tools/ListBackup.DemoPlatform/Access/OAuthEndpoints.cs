using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Demo.Api;
using ListBackup.Demo.Pages;

namespace ListBackup.Demo.Access;

/// <summary>Authorization code with PKCE (RFC 6749, 7636, 7009): consent page, token and revocation endpoints.</summary>
internal sealed class OAuthEndpoints(OAuthServer server, Sessions sessions, DemoPlatformOptions options)
{
    private static readonly string[] s_scopes = ["crm.read", "crm.write"];
    private static readonly TimeSpan s_consentTime = TimeSpan.FromMinutes(10);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/oauth/authorize", AuthorizeAsync);
        app.MapPost("/oauth/login", LoginAsync);
        app.MapPost("/oauth/consent", ConsentAsync);
        app.MapPost("/oauth/token", context => FormAsync(context, TokenAsync));
        app.MapPost("/oauth/revoke", context => FormAsync(context, RevokeAsync));
        app.MapGet("/.well-known/oauth-authorization-server", MetadataAsync);
    }

    private Task AuthorizeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var redirectUri = (string?)query["redirect_uri"];
        if (query["client_id"] != options.Client.Id) return Answers.HtmlAsync(context, 400, ConsentPage.Error("This app is not known here."));
        if (!IsRegistered(redirectUri)) return Answers.HtmlAsync(context, 400, ConsentPage.Error("The app asked to send you to an address that it never registered."));

        var state = (string?)query["state"];
        var scopes = ((string?)query["scope"] ?? "crm.read").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var challenge = (string?)query["code_challenge"];
        var mistake =
            query["response_type"] != "code" ? ("unsupported_response_type", "Only response_type=code.")
            : scopes.Except(s_scopes).Any() ? ("invalid_scope", "Scopes are crm.read and crm.write.")
            : query["code_challenge_method"] != "S256" || challenge is not { Length: 43 } ? ("invalid_request", "PKCE with S256 is required.")
            : default;
        if (mistake != default)
        {
            context.Response.Redirect(With(redirectUri!, state, ("error", mistake.Item1), ("error_description", mistake.Item2)));
            return Task.CompletedTask;
        }

        var request = new AuthorizationRequest(redirectUri!, scopes, state, challenge!, options.Time.GetUtcNow() + s_consentTime);
        var id = server.Remember(request);
        return Answers.HtmlAsync(context, 200, sessions.IsSignedIn(context) ? ConsentPage.Ask(id, request) : ConsentPage.Login(id, failed: false));
    }

    private async Task LoginAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var id = (string?)form["request"];
        if (server.FindRequest(id) is not { } request)
        {
            await Answers.HtmlAsync(context, 400, ConsentPage.Error("This page is too old. Start again from the app."));
        }
        else if (form["email"] != options.UserEmail || form["password"] != options.UserPassword)
        {
            await Answers.HtmlAsync(context, 401, ConsentPage.Login(id!, failed: true));
        }
        else
        {
            sessions.SignIn(context);
            await Answers.HtmlAsync(context, 200, ConsentPage.Ask(id!, request));
        }
    }

    /// <summary>The request's id is a secret that only the page of the signed-in person holds, so no other site can consent for them.</summary>
    private async Task ConsentAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var id = (string?)form["request"];
        if (!sessions.IsSignedIn(context) || server.FindRequest(id) is not { } request)
        {
            await Answers.HtmlAsync(context, 400, ConsentPage.Error("This page is too old. Start again from the app."));
            return;
        }

        if (form["decision"] == "allow")
        {
            context.Response.Redirect(With(request.RedirectUri, request.State, ("code", server.Approve(id!, request))));
            return;
        }

        server.Deny(id!);
        context.Response.Redirect(With(request.RedirectUri, request.State, ("error", "access_denied")));
    }

    private Task TokenAsync(HttpContext context, IFormCollection form)
    {
        var tokens = (string?)form["grant_type"] switch
        {
            "authorization_code" => server.Exchange(form["code"], form["redirect_uri"], form["code_verifier"]),
            "refresh_token" => server.Refresh(form["refresh_token"]),
            _ => throw new OAuthProblem("unsupported_grant_type", "Only authorization_code and refresh_token."),
        };
        return Answers.JsonAsync(context, 200, new JsonObject
        {
            ["access_token"] = tokens.AccessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = tokens.ExpiresIn,
            ["refresh_token"] = tokens.RefreshToken,
            ["scope"] = string.Join(' ', tokens.Scopes),
        });
    }

    private Task RevokeAsync(HttpContext context, IFormCollection form)
    {
        server.Revoke(form["token"]);
        return Answers.JsonAsync(context, 200, new JsonObject());
    }

    private async Task FormAsync(HttpContext context, Func<HttpContext, IFormCollection, Task> handle)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            if (!context.Request.HasFormContentType) throw new OAuthProblem("invalid_request", "The body is a form.");
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            CheckClient(context, form);
            await handle(context, form);
        }
        catch (OAuthProblem problem)
        {
            await Answers.JsonAsync(context, problem.Status, new JsonObject { ["error"] = problem.Error, ["error_description"] = problem.Message });
        }
    }

    private void CheckClient(HttpContext context, IFormCollection form)
    {
        var (id, secret) = ((string?)form["client_id"], (string?)form["client_secret"]);
        var authorization = (string?)context.Request.Headers.Authorization;
        if (authorization is not null && authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            var buffer = new byte[authorization.Length];
            Convert.TryFromBase64String(authorization["Basic ".Length..], buffer, out var length);
            var parts = Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2);
            (id, secret) = (Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : null);
        }

        if (id != options.Client.Id || secret != options.Client.Secret) throw new OAuthProblem("invalid_client", "The client or its secret is wrong.", 401);
    }

    private Task MetadataAsync(HttpContext context)
    {
        var issuer = $"{context.Request.Scheme}://{context.Request.Host}";
        return Answers.JsonAsync(context, 200, new JsonObject
        {
            ["issuer"] = issuer,
            ["authorization_endpoint"] = issuer + "/oauth/authorize",
            ["token_endpoint"] = issuer + "/oauth/token",
            ["revocation_endpoint"] = issuer + "/oauth/revoke",
            ["response_types_supported"] = new JsonArray("code"),
            ["grant_types_supported"] = new JsonArray("authorization_code", "refresh_token"),
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
            ["scopes_supported"] = new JsonArray("crm.read", "crm.write"),
        });
    }

    private bool IsRegistered(string? redirectUri)
    {
        if (redirectUri is null || !Uri.TryCreate(redirectUri, UriKind.Absolute, out var asked) || asked.Fragment != "") return false;
        return options.Client.RedirectUris.Any(registered =>
            registered == redirectUri
            || (asked.IsLoopback && new Uri(registered) is { IsLoopback: true } loopback
                && loopback.Scheme == asked.Scheme && loopback.Host == asked.Host && loopback.PathAndQuery == asked.PathAndQuery));
    }

    private static string With(string redirectUri, string? state, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var address = new StringBuilder(redirectUri);
        var separator = redirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in parameters)
        {
            address.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        if (state is not null) address.Append("&state=").Append(Uri.EscapeDataString(state));
        return address.ToString();
    }
}
