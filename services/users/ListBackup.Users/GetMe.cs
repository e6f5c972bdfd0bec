using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

public sealed class GetMe(People people)
{
    public async Task<Ok<UserAnswer>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var user = await people.GetAsync(http.GetCaller().UserId, cancellation);
        http.WriteETag(user.Version);
        return TypedResults.Ok(UserAnswer.Of(user.Value));
    }
}
