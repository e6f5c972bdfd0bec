using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

internal sealed class ApiKeyAuthenticator(Template? token, Template? header, RequestOption? option) : Authenticator
{
    public static new ApiKeyAuthenticator Parse(ComponentReader reader)
    {
        var authenticator = new ApiKeyAuthenticator(
            reader.TemplateOrNull("api_token"), reader.TemplateOrNull("header"), reader.ComponentOrNull("inject_into", nameof(RequestOption), RequestOption.Parse));

        return reader.Has("header") || reader.Has("inject_into") ? reader.Done(authenticator) : throw reader.Missing("inject_into");
    }

    public override ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        var value = token?.EvaluateText(context) is { } text ? Value.Of(text) : Value.None;
        if (option is not null)
            option.Inject(parts, value, context);
        else if (header?.EvaluateText(context) is { } name && !value.IsNothing)
            parts.SetHeader(name, value.Text);

        return new((string?)null);
    }
}
