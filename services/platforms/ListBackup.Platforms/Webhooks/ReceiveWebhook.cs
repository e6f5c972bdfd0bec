using System.Security.Cryptography;
using System.Text;
using ListBackup.Connections;
using ListBackup.Connectors.Hooks;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>
/// Takes a platform's call: proves that the platform made it, lately and for the first time, and remembers where something changed. What the call holds is never taken for a
/// record; the run that follows reads from the platform.
/// </summary>
public sealed class ReceiveWebhook(IItemStore items, WebhookAddresses addresses, StoredConnections connections, Announcements announcements, TimeProvider clock)
{
    /// <summary>As large as any request of ours; platforms send a record or a hundred ids.</summary>
    public const int BodyBytesMax = 1024 * 1024;

    /// <summary>Platforms repeat a call that failed for up to three days. One that somebody kept for longer makes us read once more, and nothing else.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(3);

    // A shop calls ten times a second; to the minute is enough for people.
    private static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    /// <exception cref="Problem">NotFound: the platform does not call any more. NotAuthenticated: the signature. Malformed: the body.</exception>
    public async Task RunAsync(ConnectionWebhook webhook, WebhookCall call, CancellationToken cancellation)
    {
        var description = await DescribeAsync(webhook, cancellation) ?? throw Problem.NotFound("The address");
        var digest = description.Signature is { } signature ? await RequireAsync(webhook, signature, call, cancellation) : null;
        var read = description.Read(call) ?? throw Problem.Malformed("The body is not what this platform's connector expects.");

        var memory = Memory(webhook, description, read, digest, call);
        if (memory is { } known && await items.GetAsync(known, cancellation) is not null) return;
        // In this order: who dies in between reads once more when the platform repeats its call. The other way round a change would be lost.
        if (read.Streams.Count > 0) await announcements.AddAsync(webhook.AccountId, webhook.ConnectionId, read.Streams, cancellation);
        if (memory is { } key) await items.PutAsync(new() { Key = key, Body = "{}", ExpiresAt = clock.GetUtcNow() + Remembered }, Condition.None, cancellation);
        await NoteAsync(webhook, webhook.LastCallAt, now => found => found with { LastCallAt = now }, cancellation);
    }

    private async Task<WebhookDescription?> DescribeAsync(ConnectionWebhook webhook, CancellationToken cancellation)
    {
        var key = ConnectionKeys.Connection(webhook.AccountId, webhook.ConnectionId);
        if (await items.FindAsync(key, ConnectionJson.Default.Connection, cancellation) is not { } connection) return null;
        return (await connections.LoadAsync(webhook.AccountId, connection.Value.Platform, cancellation))?.Connector.Webhooks;
    }

    private async Task<byte[]?> RequireAsync(ConnectionWebhook webhook, WebhookSignature signature, WebhookCall call, CancellationToken cancellation)
    {
        var secret = await addresses.OpenSecretAsync(webhook, cancellation);
        var check = secret is null ? null : signature.Check(call, secret, clock.GetUtcNow());
        if (check?.Verdict == SignatureVerdict.Valid) return check.Digest;

        var reason = check?.Verdict switch
        {
            null => "The secret that the platform signs with is not known yet.",
            SignatureVerdict.Missing => $"The call bears no signature in the header {signature.Header}.",
            SignatureVerdict.Old => "The signature is of another time. Either somebody repeats an old call, or a clock is wrong.",
            _ => "The signature is not right: another secret made it, or the call was changed on its way.",
        };
        await NoteAsync(webhook, webhook.LastRefusal == reason ? webhook.LastRefusalAt : null, now => found => found with { LastRefusalAt = now, LastRefusal = reason }, cancellation);
        throw Problem.NotAuthenticated(reason, "signature-refused");
    }

    /// <summary>What a repetition of the call has in common with it, and no other call has; null: nothing.</summary>
    private static ItemKey? Memory(ConnectionWebhook webhook, WebhookDescription description, WebhookEvents read, byte[]? digest, WebhookCall call)
    {
        // The digest and not the signature, which has more than one spelling; with the type, where it is not signed: bodies of two types may be alike.
        var text = (read.Ids.Count, digest) switch
        {
            ( > 0, _) => $"ids\n{string.Join('\n', read.Ids)}",
            (_, not null) => $"signature\n{Convert.ToHexStringLower(digest)}\n{(description.TypeHeader is { } type ? call.Header(type) : "")}",
            _ => null,
        };
        return text is null ? null : new(Table.Tokens, $"HOOK#{webhook.ConnectionId}", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    private async Task NoteAsync(
        ConnectionWebhook webhook, DateTimeOffset? last, Func<DateTimeOffset, Func<ConnectionWebhook, ConnectionWebhook>> note, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (last is { } noted && now - noted < NoteEvery) return;
        await items.UpdateAsync(ConnectionWebhook.Key(webhook.ConnectionId), WebhookJson.Default.ConnectionWebhook, found => note(now)(found), cancellation);
    }
}
