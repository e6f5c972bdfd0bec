using ListBackup.Domain;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ListBackup.Embedded.Identity;

/// <summary>Registers the embedded issuer, and the check of its tokens as the default authentication.</summary>
public static class EmbeddedIdentityServices
{
    // No token of ours is longer; a longer header is not worth parsing.
    private const int TokenLengthMax = 8 * 1024;

    /// <summary>Needs IItemStore, IKeys, IMail and TimeProvider. The pipeline then runs <c>UseAuthentication()</c> before <c>UsePermissions()</c>.</summary>
    public static IServiceCollection AddEmbeddedIdentities(this IServiceCollection services, IdentityOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<PasswordHasher>(_ => new(options.PasswordCost));
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<IssuerSecret>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<MailedCodes>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<SessionStates>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<IdentityMails>();
        services.AddSingleton<IIdentities, EmbeddedIdentities>();
        services.AddSingleton<IssuerDocuments>();
        services.AddSingleton<IIssuerDocuments>(p => p.GetRequiredService<IssuerDocuments>());

        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, TokenCheck>();
        return services;
    }

    private sealed class TokenCheck(AccessTokens tokens, IssuerDocuments documents, SessionStates states) : IConfigureNamedOptions<JwtBearerOptions>
    {
        public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

        public void Configure(string? name, JwtBearerOptions options)
        {
            if (name != JwtBearerDefaults.AuthenticationScheme) return;
            options.MapInboundClaims = false;
            options.SaveToken = false;
            options.IncludeErrorDetails = false;
            options.TokenValidationParameters = tokens.Rules();
            options.ConfigurationManager = documents;
            options.Events = new() { OnMessageReceived = RefuseLong, OnTokenValidated = RequireLiveAsync };
        }

        private static Task RefuseLong(MessageReceivedContext context)
        {
            if (context.Request.Headers.Authorization.ToString().Length > TokenLengthMax) context.NoResult();
            return Task.CompletedTask;
        }

        /// <summary>A token counts only while the session or API key that it was issued for exists.</summary>
        private async Task RequireLiveAsync(TokenValidatedContext context)
        {
            var key = KeyOf(context.Principal);
            if (key is null || !await states.IsLiveAsync(key.Value, context.HttpContext.RequestAborted)) context.Fail("The session has ended.");
        }

        private static ItemKey? KeyOf(System.Security.Claims.ClaimsPrincipal? principal)
        {
            if (!UserId.TryParse(principal?.FindFirst("sub")?.Value, out var user)) return null;
            if (SessionId.TryParse(principal?.FindFirst("sid")?.Value, out var session)) return IdentityKeys.Session(user, session);
            return ApiKeyId.TryParse(principal?.FindFirst("key")?.Value, out var key) ? UserKeys.ApiKey(user, key) : null;
        }
    }
}
