using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Walks the hash chain of the whole audit log.</summary>
public sealed class VerifyActivities(ActivityLog activities)
{
    public async Task<Ok<ActivityCheckAnswer>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var check = await activities.VerifyAsync(http.GetAccess().Account.Id, cancellation);
        return TypedResults.Ok(new ActivityCheckAnswer(check.BrokenAt is null, check.Count, check.BrokenAt));
    }
}
