using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>A field of the configuration names the authenticator to use.</summary>
internal sealed class SelectiveAuthenticator(IReadOnlyList<string> path, IReadOnlyDictionary<string, Authenticator> authenticators) : Authenticator
{
    public override bool CanRenew => authenticators.Values.Any(authenticator => authenticator.CanRenew);

    public static new SelectiveAuthenticator Parse(ComponentReader reader) => reader.Done(new SelectiveAuthenticator(
        reader.Texts("authenticator_selection_path"), reader.ComponentMap("authenticators", nameof(NoAuth), Authenticator.Parse)));

    public override ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation) =>
        Chosen(context).ApplyAsync(parts, context, session, rejected, cancellation);

    public override bool Observe(RequestParts parts, HttpAnswer answer, string? credential, ExpressionContext context, Session session) =>
        Chosen(context).Observe(parts, answer, credential, context, session);

    public override OAuthAuthenticator? OAuth(ExpressionContext context) => Chosen(context).OAuth(context);

    private Authenticator Chosen(ExpressionContext context)
    {
        var key = ValuePaths.Get(context[Variable.Config], path);

        return authenticators.TryGetValue(PythonText.Str(key), out var chosen)
            ? chosen
            : throw new ConfigException($"The field {string.Join('.', path)} chooses none of: {string.Join(", ", authenticators.Keys)}.");
    }
}
