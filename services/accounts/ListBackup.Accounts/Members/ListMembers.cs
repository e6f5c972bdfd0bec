using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>The people with a role on just this account. Who has one above it is listed there.</summary>
public sealed class ListMembers(Memberships memberships, People people)
{
    public async Task<Ok<Page<MemberAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var (members, next) = await memberships.ListAsync(http.GetAccess().Account.Id, Paging.Limit(limit), cursor, cancellation);
        var answers = new List<MemberAnswer>();
        foreach (var member in members)
        {
            var user = await people.FindAsync(member.Value.UserId, cancellation);
            answers.Add(new(member.Value.UserId, user?.Value.Name, user?.Value.Email, member.Value.Role, member.Value.Since));
        }
        return TypedResults.Ok(new Page<MemberAnswer>(answers, next));
    }
}
