using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class CreateChannel(
    IItemStore items, ISecrets secrets, Memberships memberships, People people, AccountOptions options, ActivityLog activities, TimeProvider clock)
{
    private const int ChannelsMax = 20;

    public async Task<Created<ChannelAnswer>> RunAsync(ChannelRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var name = AccountRules.RequireName(request.Name, Channel.NameLengthMax);
        var events = ChannelRules.RequireEvents(request.Events);
        var quiet = QuietHours.Require(request.QuietHours);
        var (target, secret) = await TargetAsync(request, access.Account, cancellation);
        await RequireRoomAsync(access.Account.Id, cancellation);

        var channel = new Channel
        {
            Id = ChannelId.New(clock),
            AccountId = access.Account.Id,
            Kind = request.Kind,
            Name = name,
            Target = target,
            Events = events,
            Enabled = true,
            QuietHours = quiet,
            CreatedAt = clock.GetUtcNow(),
        };
        if (secret is not null) await secrets.PutAsync(ChannelKeys.Secret(channel.Id), secret, cancellation);
        await items.PutAsync(ItemJson.Item(ChannelKeys.Channel(channel.AccountId, channel.Id), channel, ChannelItemJson.Default.Channel), Condition.Absent, cancellation);
        await activities.AppendAsync(
            access.Account.Id, access.Caller.Actor, "channel.created", channel.Id.ToString(), cancellation, ("name", name), ("kind", channel.Kind.ToString().ToLowerInvariant()));
        http.WriteETag(1);
        return TypedResults.Created($"/v1/accounts/{channel.AccountId}/channels/{channel.Id}", ChannelAnswer.Of(channel, channel.Kind == ChannelKind.Webhook ? secret : null));
    }

    /// <summary>What is shown as the target, and what is kept secret.</summary>
    private async Task<(string Target, string? Secret)> TargetAsync(ChannelRequest request, Account account, CancellationToken cancellation)
    {
        switch (request.Kind)
        {
            case ChannelKind.Email:
                var email = EmailAddress.Normalize(request.Target);
                if (!EmailAddress.IsValid(email) || !await IsMembersAsync(account.Path, email, cancellation))
                    throw Problem.Invalid("target", "Use the address of a member of this account or of one above it: we do not write to people who have not agreed to it.");
                return (email, null);
            case ChannelKind.Slack:
                var hook = ChannelRules.RequireUrl(request.Target, request.Kind, options.AllowPrivateNetworks);
                return (hook.GetLeftPart(UriPartial.Authority), hook.AbsoluteUri);
            default:
                return (ChannelRules.RequireUrl(request.Target, request.Kind, options.AllowPrivateNetworks).AbsoluteUri, Channels.NewSigningSecret());
        }
    }

    private async Task<bool> IsMembersAsync(IReadOnlyList<AccountId> path, string email, CancellationToken cancellation)
    {
        foreach (var account in path)
        {
            string? cursor = null;
            do
            {
                (var members, cursor) = await memberships.ListAsync(account, ItemQuery.LimitMax, cursor, cancellation);
                foreach (var member in members)
                {
                    if ((await people.FindAsync(member.Value.UserId, cancellation))?.Value.Email == email) return true;
                }
            }
            while (cursor is not null);
        }
        return false;
    }

    private async Task RequireRoomAsync(AccountId account, CancellationToken cancellation)
    {
        var existing = await items.QueryAsync(new() { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = "HOOK#", Limit = ChannelsMax }, cancellation);
        if (existing.Items.Count >= ChannelsMax) throw Problem.Conflict($"An account has at most {ChannelsMax} channels.", "too-many-channels");
    }
}
