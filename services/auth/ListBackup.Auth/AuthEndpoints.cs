using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Auth;

/// <summary>Signing up, in and out. docs/identity.md says what each refusal looks like.</summary>
public static class AuthEndpoints
{
    public static IEndpointRouteBuilder MapAuthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var auth = endpoints.MapGroup("/v1/auth").WithTags("auth").ProducesProblem(400).ProducesProblem(422).ProducesProblem(429);

        auth.MapPost("/register", (RegisterRequest request, Register register, HttpContext http, CancellationToken cancellation) => register.RunAsync(request, http.GetClientInfo(), cancellation))
            .WithName("register").WithSummary("Signs up with an address and a password; mails a confirmation code").AllowsAnybody();
        auth.MapPost("/confirm", (ConfirmRequest request, ConfirmEmail confirm, HttpContext http, CancellationToken cancellation) => confirm.RunAsync(request, http.GetClientInfo(), cancellation))
            .WithName("confirmEmail").WithSummary("Confirms an address by the mailed code and makes the person's account").AllowsAnybody();
        auth.MapPost("/confirm/resend", (EmailRequest request, ResendConfirmation resend, HttpContext http, CancellationToken cancellation) => resend.RunAsync(request, http.GetClientInfo(), cancellation))
            .WithName("resendConfirmation").WithSummary("Mails a new confirmation code, if the address waits for one").AllowsAnybody();

        auth.MapPost("/login", (LoginRequest request, Login login, HttpContext http, CancellationToken cancellation) => login.RunAsync(request, http, cancellation))
            .WithName("login").WithSummary("Signs in; answers with tokens, or with a challenge for the second factor").ProducesProblem(401).AllowsAnybody().AnswersSecret();
        auth.MapPost("/mfa", (MfaRequest request, AnswerMfa answer, HttpContext http, CancellationToken cancellation) => answer.RunAsync(request, http, cancellation))
            .WithName("answerMfa").WithSummary("Answers the challenge with a TOTP or recovery code").ProducesProblem(401).AllowsAnybody().AnswersSecret();
        auth.MapPost("/refresh", ([FromBody] RefreshRequest? request, RefreshSession refresh, HttpContext http, CancellationToken cancellation) => refresh.RunAsync(request, http, cancellation))
            .WithName("refreshSession").WithSummary("Trades the refresh token for new tokens").ProducesProblem(401).AllowsAnybody().AnswersSecret();
        auth.MapPost("/logout", ([FromBody] RefreshRequest? request, Logout logout, HttpContext http, CancellationToken cancellation) => logout.RunAsync(request, http, cancellation))
            .WithName("logout").WithSummary("Ends the session of the refresh token, and of the access token that comes with it").AllowsAnybody();
        auth.MapPost("/token", (TokenRequest request, ExchangeApiKey exchange, CancellationToken cancellation) => exchange.RunAsync(request, cancellation))
            .WithName("exchangeApiKey").WithSummary("Trades an API key for an access token").ProducesProblem(401).AllowsAnybody().AnswersSecret();

        auth.MapPost("/password/forgot", (EmailRequest request, ForgotPassword forgot, HttpContext http, CancellationToken cancellation) => forgot.RunAsync(request, http.GetClientInfo(), cancellation))
            .WithName("forgotPassword").WithSummary("Mails a code for a new password, if the address has a login").AllowsAnybody();
        auth.MapPost("/password/reset", (ResetPasswordRequest request, ResetPassword reset, HttpContext http, CancellationToken cancellation) => reset.RunAsync(request, http.GetClientInfo(), cancellation))
            .WithName("resetPassword").WithSummary("Sets a new password by the mailed code and ends all sessions").AllowsAnybody();
        auth.MapPost("/password/change", (ChangePasswordRequest request, ChangePassword change, HttpContext http, CancellationToken cancellation) => change.RunAsync(request, http, cancellation))
            .WithName("changePassword").WithSummary("Changes the password and ends all other sessions").ProducesProblem(401).ProducesProblem(403).Requires(Permission.Self);

        auth.MapGet("/mfa", (GetMfa get, HttpContext http, CancellationToken cancellation) => get.RunAsync(http.GetSignedIn(), cancellation))
            .WithName("getMfa").WithSummary("Whether a second factor is on, and how many recovery codes are left").ProducesProblem(401).Requires(Permission.Self);
        auth.MapPost("/mfa/totp", (PasswordRequest request, EnrolTotp enrol, HttpContext http, CancellationToken cancellation) => enrol.RunAsync(request, http, cancellation))
            .WithName("enrolTotp").WithSummary("Makes a TOTP secret, which counts once its first code is verified").ProducesProblem(401).ProducesProblem(409).Requires(Permission.Self).AnswersSecret();
        auth.MapPost("/mfa/totp/verify", (CodeRequest request, VerifyTotp verify, HttpContext http, CancellationToken cancellation) => verify.RunAsync(request, http, cancellation))
            .WithName("verifyTotp").WithSummary("Switches the second factor on; answers with recovery codes, shown this once").ProducesProblem(401).ProducesProblem(409).Requires(Permission.Self).AnswersSecret();
        auth.MapDelete("/mfa/totp", ([FromBody] PasswordRequest request, RemoveTotp remove, HttpContext http, CancellationToken cancellation) => remove.RunAsync(request, http, cancellation))
            .WithName("removeTotp").WithSummary("Switches the second factor off").ProducesProblem(401).Requires(Permission.Self);
        auth.MapPost("/mfa/recovery-codes", (PasswordRequest request, RenewRecoveryCodes renew, HttpContext http, CancellationToken cancellation) => renew.RunAsync(request, http, cancellation))
            .WithName("renewRecoveryCodes").WithSummary("Voids the old recovery codes and shows new ones, this once").ProducesProblem(401).ProducesProblem(409).Requires(Permission.Self).AnswersSecret();

        auth.MapGet("/sessions", (ListSessions list, HttpContext http, CancellationToken cancellation) => list.RunAsync(http.GetSignedIn(), cancellation))
            .WithName("listSessions").WithSummary("Where the person is signed in").ProducesProblem(401).Requires(Permission.Self);
        auth.MapDelete("/sessions/{sessionId}", (SessionId sessionId, EndSession end, HttpContext http, CancellationToken cancellation) => end.RunAsync(sessionId, http, cancellation))
            .WithName("endSession").WithSummary("Ends one session").ProducesProblem(401).ProducesProblem(404).Requires(Permission.Self);

        MapIssuer(endpoints);
        return endpoints;
    }

    /// <summary>Only where the issuer is ours; on AWS Cognito publishes its own documents.</summary>
    private static void MapIssuer(IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<IIssuerDocuments>() is not { } issuer) return;
        endpoints.MapGet("/.well-known/openid-configuration", (HttpContext http, CancellationToken cancellation) => IssuerDocument.WriteAsync(http, issuer.GetConfigurationAsync, cancellation))
            .WithName("getOpenIdConfiguration").WithTags("auth").WithSummary("Where verifiers of our tokens find the keys").AllowsAnybody();
        endpoints.MapGet("/.well-known/jwks.json", (HttpContext http, CancellationToken cancellation) => IssuerDocument.WriteAsync(http, issuer.GetKeysAsync, cancellation))
            .WithName("getJwks").WithTags("auth").WithSummary("The public keys of the issuer (RFC 7517)").AllowsAnybody();
    }
}
