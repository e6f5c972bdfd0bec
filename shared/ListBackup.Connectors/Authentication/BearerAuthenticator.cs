using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

internal sealed class BearerAuthenticator(Template token) : Authenticator
{
    public static new BearerAuthenticator Parse(ComponentReader reader) => reader.Done(new BearerAuthenticator(reader.Template("api_token")));

    public override ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        parts.SetHeader("Authorization", $"Bearer {token.EvaluateText(context)}");

        return new((string?)null);
    }
}
