using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

internal sealed class BasicHttpAuthenticator(Template username, Template? password) : Authenticator
{
    public static new BasicHttpAuthenticator Parse(ComponentReader reader) =>
        reader.Done(new BasicHttpAuthenticator(reader.Template("username"), reader.TemplateOrNull("password")));

    public override ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        var pair = $"{username.EvaluateText(context)}:{password?.EvaluateText(context)}";
        parts.SetHeader("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}");

        return new((string?)null);
    }
}
