using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class Login(IIdentities identities, People people, TimeProvider clock)
{
    public async Task<Ok<SignInAnswer>> RunAsync(LoginRequest request, HttpContext http, CancellationToken cancellation)
    {
        AuthRules.RequireEmail(request.Email);
        AuthRules.RequirePassword(request.Password, "password");

        var signIn = await identities.SignInAsync(request.Email, request.Password, http.GetClientInfo(), cancellation);
        if (signIn.Tokens is not { } tokens) return TypedResults.Ok(new SignInAnswer { Challenge = signIn.Challenge });

        // A crash between confirmation and account is mended here.
        await people.ConfirmAsync(tokens.UserId, cancellation);
        await people.LogAsync(tokens.UserId, "user.signed-in", cancellation, ("session", tokens.SessionId.ToString()));
        return TypedResults.Ok(RefreshCookie.Answer(http, tokens, clock));
    }
}
