using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class UpdateChannel(IItemStore items, ActivityLog activities)
{
    private const string ClearableQuiet = "quietHours";

    public async Task<Ok<ChannelAnswer>> RunAsync(ChannelId channelId, ChannelChangeRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var name = request.Name is null ? null : AccountRules.RequireName(request.Name, Channel.NameLengthMax);
        var events = request.Events is null ? null : ChannelRules.RequireEvents(request.Events);
        var quiet = QuietHours.Require(request.QuietHours);
        if (request.Clear?.FirstOrDefault(cleared => cleared != ClearableQuiet) is { } unknown) throw Problem.Invalid("clear", $"'{unknown}' cannot be cleared; only {ClearableQuiet}.");
        var clears = request.Clear is { Count: > 0 };

        var channel = await http.ChangeAsync(items, ChannelKeys.Channel(access.Account.Id, channelId), ChannelItemJson.Default.Channel, "The channel", c => c with
        {
            Name = name ?? c.Name,
            Events = events ?? c.Events,
            Enabled = request.Enabled ?? c.Enabled,
            QuietHours = clears ? null : quiet ?? c.QuietHours,
        }, cancellation);
        await activities.AppendAsync(
            access.Account.Id, access.Caller.Actor, "channel.changed", channelId.ToString(), cancellation, ("name", channel.Value.Name), ("enabled", channel.Value.Enabled ? "yes" : "no"));
        return TypedResults.Ok(ChannelAnswer.Of(channel.Value));
    }
}
