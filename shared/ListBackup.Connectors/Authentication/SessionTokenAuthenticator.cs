using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>
/// A login request brings a token, which then goes into every other request until it ends or is refused. Without a duration it is kept until then too: a
/// login for every request, as the language has it, is what platforms lock accounts for.
/// </summary>
internal sealed class SessionTokenAuthenticator(
    string key, HttpRequester login, BodyDecoder decoder, IReadOnlyList<Template> tokenPath, IsoDuration? lifetime, RequestOption? option, Template? apiToken) : Authenticator
{
    public override bool CanRenew => true;

    public static new SessionTokenAuthenticator Parse(ComponentReader reader)
    {
        var login = reader.Component("login_requester", nameof(HttpRequester), HttpRequester.ParsePlain);
        var lifetime = reader.TextOrNull("expiration_duration") is { } text
            ? IsoDuration.Parse(text) ?? throw reader.Problem("expiration_duration", "A duration of ISO 8601 is wanted.")
            : null;
        var (option, token) = reader.Component("request_authentication", "SessionTokenRequestBearerAuthenticator", ParseUse).Parts;

        return reader.Done(new SessionTokenAuthenticator(
            SessionLogin.KeyOf(reader), login, reader.ComponentOrNull("decoder", nameof(JsonDecoder), BodyDecoder.Parse) ?? JsonDecoder.Instance, reader.Templates("session_token_path"), lifetime, option, token));
    }

    public override async ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        var state = session.SignIn.Logins.GetOrAdd(key, _ => new SessionLogin());
        await state.Lock.WaitAsync(cancellation);
        try
        {
            if (state.Token is null || state.Token == rejected || state.End <= context.Clock.GetUtcNow())
            {
                state.Token = await LoginAsync(context, session, cancellation);
                state.End = lifetime is null ? DateTimeOffset.MaxValue : lifetime.After(context.Clock.GetUtcNow());
            }
        }
        finally
        {
            state.Lock.Release();
        }

        if (option is null)
            parts.SetHeader("Authorization", $"Bearer {state.Token}");
        else
            option.Inject(parts, Value.Of(apiToken?.EvaluateText(context.With(Variable.SessionToken, Value.Of(state.Token))) ?? state.Token), context);

        return state.Token;
    }

    private async Task<string> LoginAsync(ExpressionContext context, Session session, CancellationToken cancellation)
    {
        session.SignIn.ForgetCookies();
        using var answer = await login.SendAsync(login.Build(context), context, session, cancellation);
        var token = ValuePaths.Get(DecodedAnswer.Of(answer, decoder, session), [.. tokenPath.Select(part => part.EvaluateText(context) ?? "")]);

        return token.IsNothing
            ? throw new PlatformUnauthorizedException(session.Failure(answer.Host) with { Status = answer.Status })
            : PythonText.Str(token);
    }

    private static Use ParseUse(ComponentReader reader) => reader.Type switch
    {
        "ApiKey" or "SessionTokenRequestApiKeyAuthenticator" => reader.Done(
            new Use((reader.Component("inject_into", nameof(RequestOption), RequestOption.Parse), reader.TemplateOrNull("api_token")))),
        "Bearer" or "SessionTokenRequestBearerAuthenticator" => reader.Done(new Use((null, null))),
        _ => throw reader.WrongType(),
    };

    private sealed record Use((RequestOption? Option, Template? Token) Parts);
}

/// <summary>A login that one session has made.</summary>
internal sealed class SessionLogin
{
    public SemaphoreSlim Lock { get; } = new(1, 1);

    public string? Token { get; set; }

    public DateTimeOffset End { get; set; }

    /// <summary>Two authenticators that say the same share one login.</summary>
    public static string KeyOf(ComponentReader reader) => PythonText.Repr(Value.Of(reader.Map)) + PythonText.Repr(reader.Parameters);
}
