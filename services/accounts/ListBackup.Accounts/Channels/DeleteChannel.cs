using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class DeleteChannel(IItemStore items, Channels channels, ISecrets secrets, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(ChannelId channelId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var channel = await channels.GetAsync(access.Account.Id, channelId, cancellation);
        http.RequireMatch(channel.Version, "The channel");

        await items.DeleteAsync(channel.Key, Condition.None, cancellation);
        await secrets.DeleteAsync(ChannelKeys.Secret(channelId), cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "channel.deleted", channelId.ToString(), cancellation, ("name", channel.Value.Name));
        return TypedResults.NoContent();
    }
}

/// <summary>The secrets of an account's channels end with the account.</summary>
public sealed class ChannelShredder(IItemStore items, ISecrets secrets) : IAccountShredder
{
    public async Task ShredAsync(AccountId account, CancellationToken cancellation)
    {
        var query = new ItemQuery { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = "HOOK#" };
        await foreach (var item in items.AllAsync(query, cancellation))
            await secrets.DeleteAsync(ChannelKeys.Secret(ChannelId.Parse(item.Key.Sort["HOOK#".Length..])), cancellation);
    }
}
