using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class GetTeam(Teams teams)
{
    public async Task<Ok<TeamAnswer>> RunAsync(TeamId teamId, HttpContext http, CancellationToken cancellation)
    {
        var team = await teams.GetAsync(http.GetAccess().Account.Id, teamId, cancellation);
        http.WriteETag(team.Version);
        return TypedResults.Ok(TeamAnswer.Of(team.Value));
    }
}
