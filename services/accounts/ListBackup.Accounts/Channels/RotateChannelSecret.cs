using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>A new signing key for a webhook; the old one signs nothing more.</summary>
public sealed class RotateChannelSecret(Channels channels, ISecrets secrets, ActivityLog activities)
{
    public async Task<Ok<ChannelAnswer>> RunAsync(ChannelId channelId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var channel = await channels.GetAsync(access.Account.Id, channelId, cancellation);
        if (channel.Value.Kind != ChannelKind.Webhook) throw Problem.Conflict("Only webhooks have a signing key.", "no-signing-secret");

        var secret = Channels.NewSigningSecret();
        await secrets.PutAsync(ChannelKeys.Secret(channelId), secret, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "channel.secret-rotated", channelId.ToString(), cancellation);
        return TypedResults.Ok(ChannelAnswer.Of(channel.Value, secret));
    }
}
