using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

public sealed class GetMySettings(People people)
{
    public async Task<Ok<UserSettingsBody>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var user = await people.GetAsync(http.GetCaller().UserId, cancellation);
        http.WriteETag(user.Version);
        return TypedResults.Ok(new UserSettingsBody(user.Value.Settings));
    }
}
