using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Those that wait for an answer.</summary>
public sealed class ListInvitations(IItemStore items)
{
    public async Task<Ok<Page<InvitationAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            Partition = AccountKeys.Partition(http.GetAccess().Account.Id),
            SortPrefix = "INVITE#",
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<InvitationAnswer>([.. page.Items.Select(i => InvitationAnswer.Of(ItemJson.Read(i, AccountItemJson.Default.Invitation).Value))], page.Next));
    }
}
