using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class GetChannel(Channels channels)
{
    public async Task<Ok<ChannelAnswer>> RunAsync(ChannelId channelId, HttpContext http, CancellationToken cancellation)
    {
        var channel = await channels.GetAsync(http.GetAccess().Account.Id, channelId, cancellation);
        http.WriteETag(channel.Version);
        return TypedResults.Ok(ChannelAnswer.Of(channel.Value));
    }
}
