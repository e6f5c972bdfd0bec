using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class ListTeamMembers(IItemStore items, Teams teams, People people)
{
    public async Task<Ok<Page<TeamMemberAnswer>>> RunAsync(TeamId teamId, HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        await teams.GetAsync(account, teamId, cancellation);
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            Partition = AccountKeys.Partition(account),
            SortPrefix = $"TEAMMEMBER#{teamId}#",
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);

        var answers = new List<TeamMemberAnswer>();
        foreach (var item in page.Items)
        {
            var member = ItemJson.Read(item, AccessJson.Default.TeamMembership).Value;
            var user = await people.FindAsync(member.UserId, cancellation);
            answers.Add(new(member.UserId, user?.Value.Name, user?.Value.Email, member.Since));
        }
        return TypedResults.Ok(new Page<TeamMemberAnswer>(answers, page.Next));
    }
}
