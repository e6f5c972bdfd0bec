using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Connections;
using ListBackup.Connectors.Hooks;
using ListBackup.Domain;

namespace ListBackup.Platforms;

internal static class WebhookRoutes
{
    /// <summary>The connection is text here: what is no id is answered like an id that is nobody's.</summary>
    public const string Receive = "/v1/hooks/{connection}/{token}";
}

/// <summary>The addresses of webhooks: which connection each is of, and the secrets that belong to it.</summary>
public sealed class WebhookAddresses(IItemStore items, AccountEnvelope envelope, PublicAddress address)
{
    private const int TokenBytes = 32;
    private const int TokenLengthMax = 64;

    /// <summary>The address as the platform knows it: where a signature covers it, by this one.</summary>
    public string Url(ConnectionId connection, string token) => new Uri(address.Url, $"/v1/hooks/{connection}/{token}").ToString();

    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public Task<Stored<ConnectionWebhook>?> FindAsync(ConnectionId connection, CancellationToken cancellation) =>
        items.FindAsync(ConnectionWebhook.Key(connection), WebhookJson.Default.ConnectionWebhook, cancellation);

    /// <summary>The webhook of an address; null when it is nobody's, whatever is wrong with it, and after the same time.</summary>
    public async Task<ConnectionWebhook?> FindAsync(string connectionText, string token, CancellationToken cancellation)
    {
        if (token.Length > TokenLengthMax || !ConnectionId.TryParse(connectionText, out var connection)) return null;
        var found = (await FindAsync(connection, cancellation))?.Value;
        var isRight = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(token)), Encoding.ASCII.GetBytes(found?.TokenHash ?? Hash("")));
        return isRight && token.Length > 0 ? found : null;
    }

    public Task<string> SealTokenAsync(AccountId account, ConnectionId connection, string token, CancellationToken cancellation) =>
        envelope.SealAsync(account, $"webhook-address/{connection}", token, cancellation);

    public Task<string> OpenTokenAsync(ConnectionWebhook webhook, CancellationToken cancellation) =>
        envelope.OpenAsync(webhook.AccountId, $"webhook-address/{webhook.ConnectionId}", webhook.SealedToken, cancellation);

    public Task<string> SealSecretAsync(AccountId account, ConnectionId connection, string secret, CancellationToken cancellation) =>
        envelope.SealAsync(account, $"webhook-secret/{connection}", secret, cancellation);

    /// <summary>What the platform signs with; null when nobody has given it yet.</summary>
    public async Task<string?> OpenSecretAsync(ConnectionWebhook webhook, CancellationToken cancellation) => webhook.SealedSecret is null
        ? null
        : await envelope.OpenAsync(webhook.AccountId, $"webhook-secret/{webhook.ConnectionId}", webhook.SealedSecret, cancellation);

    public async Task<ConnectionWebhookView> ViewAsync(ConnectionWebhook webhook, WebhookDescription description, CancellationToken cancellation) =>
        ConnectionWebhookView.Of(webhook, Url(webhook.ConnectionId, await OpenTokenAsync(webhook, cancellation)), description);
}
