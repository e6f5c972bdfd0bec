using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

/// <summary>All on one page: there are at most fifty.</summary>
public sealed class ListApiKeys(ApiKeys keys)
{
    public async Task<Ok<Page<ApiKeyAnswer>>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var found = await keys.ListAsync(http.GetSignedIn().UserId, cancellation);
        return TypedResults.Ok(new Page<ApiKeyAnswer>([.. found.Select(key => ApiKeyAnswer.Of(key))], null));
    }
}
