using ListBackup.Connections;
using ListBackup.Connectors.Hooks;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>
/// Lets a platform call about a connection: makes the address, or takes the secret that the platform shows once it has the address. What is left out stays as it is.
/// </summary>
public sealed class EnableWebhook(IItemStore items, ConnectionStore store, StoredConnections connections, WebhookAddresses addresses, ActivityLog activities, TimeProvider clock)
{
    private const int SecretLengthMin = 8;
    private const int SecretLengthMax = 500;

    /// <exception cref="Problem">NotFound: the connection. Conflict: the platform does not call, or somebody else changed it meanwhile. Invalid: the secret.</exception>
    public async Task<ConnectionWebhookView> RunAsync(Access access, ConnectionId id, ConnectionWebhookChange? wanted, CancellationToken cancellation)
    {
        var account = access.Account.Id;
        var connection = (await store.GetAsync(account, id, cancellation)).Value;
        var description = await DescribeAsync(connections, connection, cancellation);
        if (wanted?.Secret is { } given) Check(given, description);
        var before = await addresses.FindAsync(id, cancellation);

        var token = before is null || wanted?.NewAddress == true ? WebhookAddresses.NewToken() : await addresses.OpenTokenAsync(before.Value, cancellation);
        var (secret, isOfConfiguration) = await SecretAsync(connection, description, before?.Value, wanted?.Secret, cancellation);
        var webhook = (before?.Value ?? Empty(account, id)) with
        {
            TokenHash = WebhookAddresses.Hash(token),
            SealedToken = await addresses.SealTokenAsync(account, id, token, cancellation),
            SealedSecret = secret is null ? null : await addresses.SealSecretAsync(account, id, secret, cancellation),
            IsSecretOfConfiguration = isOfConfiguration,
        };
        await items.PutAsync(
            ItemJson.Item(ConnectionWebhook.Key(id), webhook, WebhookJson.Default.ConnectionWebhook), before is null ? Condition.Absent : Condition.VersionIs(before.Version), cancellation);
        await activities.AppendAsync(account, access.Caller.Actor(), before is null ? "connection.webhook-enabled" : "connection.webhook-changed", id.ToString(), cancellation,
            ("secret", wanted?.Secret is not null ? "given" : "kept"), ("address", before is null || wanted?.NewAddress == true ? "new" : "kept"));
        return await addresses.ViewAsync(webhook, description, cancellation);
    }

    /// <summary>How the connection's platform calls.</summary>
    /// <exception cref="Problem">Conflict: it does not, or its connector is no longer there.</exception>
    internal static async Task<WebhookDescription> DescribeAsync(StoredConnections connections, Connection connection, CancellationToken cancellation)
    {
        var loaded = await connections.LoadAsync(connection.AccountId, connection.Platform, cancellation)
            ?? throw Problem.Conflict($"The platform {connection.Platform} is no longer there.", "platform-gone");
        return loaded.Connector.Webhooks
            ?? throw Problem.Conflict("This platform's connector knows of no webhooks. Use a schedule; in a manifest of your own, describe them as webhooks.", "no-webhooks");
    }

    private async Task<(string? Secret, bool IsOfConfiguration)> SecretAsync(
        Connection connection, WebhookDescription description, ConnectionWebhook? before, string? given, CancellationToken cancellation)
    {
        if (given is not null) return (given, false);
        var known = before is null ? null : await addresses.OpenSecretAsync(before, cancellation);
        if (known is not null && !before!.IsSecretOfConfiguration) return (known, false); // Known comes from before.
        if (description is not { SecretField: { } field, Signature: not null }) return (known, false);

        // Again each time: somebody may have reconnected with another app since.
        var open = await connections.OpenAsync(connection, cancellation);
        var configured = ConfigJson.Find(ConfigJson.Parse(open.Config), field);
        return (configured, configured is not null);
    }

    private static void Check(string secret, WebhookDescription description)
    {
        if (description.Signature is null) throw Problem.Invalid("secret", "This platform does not sign its calls, so there is no secret of it.");
        if (secret.Length is < SecretLengthMin or > SecretLengthMax || secret.Any(char.IsControl))
            throw Problem.Invalid("secret", $"The secret has {SecretLengthMin} to {SecretLengthMax} characters and no control characters.");
    }

    private ConnectionWebhook Empty(AccountId account, ConnectionId id) =>
        new() { AccountId = account, ConnectionId = id, TokenHash = "", SealedToken = "", EnabledAt = clock.GetUtcNow() };
}
