using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>A token from the configuration, or one that name and password bring. The older form of <see cref="SessionTokenAuthenticator"/>.</summary>
internal sealed class LegacySessionTokenAuthenticator(
    string key, Template header, Template loginUrl, Template? token, Template tokenKey, Template? username, Template? password, Template validateUrl, Template? urlBase) : Authenticator
{
    public override bool CanRenew => true;

    public static new LegacySessionTokenAuthenticator Parse(ComponentReader reader) => reader.Done(new LegacySessionTokenAuthenticator(
        SessionLogin.KeyOf(reader), reader.Template("header"), reader.Template("login_url"), reader.TemplateOrNull("session_token"), reader.Template("session_token_response_key"),
        reader.TemplateOrNull("username"), reader.TemplateOrNull("password"), reader.Template("validate_session_url"), reader.TemplateOrNull("api_url")));

    public override async ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        var state = session.SignIn.Logins.GetOrAdd(key, _ => new SessionLogin());
        await state.Lock.WaitAsync(cancellation);
        try
        {
            if (state.Token is null || state.Token == rejected)
                state.Token = await ConfiguredAsync(parts, context, session, rejected, cancellation) ?? await LoginAsync(parts, context, session, cancellation);
        }
        finally
        {
            state.Lock.Release();
        }

        var name = header.EvaluateText(context) ?? "";
        parts.SetHeader(name, state.Token);

        return state.Token;
    }

    /// <summary>The configured token, if the platform still takes it.</summary>
    private async Task<string?> ConfiguredAsync(RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        if (token?.EvaluateText(context) is not { } configured || configured == rejected)
            return null;

        var check = new RequestParts { Method = HttpMethod.Get, Url = Address(parts, validateUrl, context) };
        check.SetHeader(header.EvaluateText(context) ?? "", configured);
        using var answer = await session.Sender.SendPlainAsync(check, cancellation);

        return answer.IsGood ? configured : null;
    }

    private async Task<string> LoginAsync(RequestParts parts, ExpressionContext context, Session session, CancellationToken cancellation)
    {
        var login = new RequestParts
        {
            Method = HttpMethod.Post,
            Url = Address(parts, loginUrl, context),
            Json = new ValueMap().Set("username", Value.Of(username?.EvaluateText(context))).Set("password", Value.Of(password?.EvaluateText(context))),
        };
        using var answer = await session.Sender.SendPlainAsync(login, cancellation);
        var found = answer.IsGood ? answer.Json.Map[tokenKey.EvaluateText(context) ?? ""] : Value.None;

        return found.IsText ? found.Text : throw new PlatformUnauthorizedException(session.Failure(answer.Host) with { Status = answer.Status });
    }

    /// <summary>The two addresses are paths behind the API's own address: <c>api_url</c>, or the host of the request.</summary>
    private string Address(RequestParts parts, Template path, ExpressionContext context)
    {
        var text = path.EvaluateText(context) ?? "";
        if (text.StartsWith("http", StringComparison.OrdinalIgnoreCase))
            return text;
        var start = urlBase?.EvaluateText(context) ?? new Uri(parts.Url).GetLeftPart(UriPartial.Authority);

        return $"{start.TrimEnd('/')}/{text.TrimStart('/')}";
    }
}
