using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

public sealed class UpdateMe(IItemStore items, People people)
{
    public async Task<Ok<UserAnswer>> RunAsync(UserRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        var name = request.Name.Trim();
        if (name.Length is 0 or > User.NameLengthMax || name.Any(char.IsControl)) throw Problem.Invalid("name", $"Use 1 to {User.NameLengthMax} characters on one line.");

        var user = await http.ChangeAsync(items, UserKeys.Profile(who.UserId), UsersJson.Default.User, "The profile", u => u with { Name = name }, cancellation);
        await people.LogAsync(who.UserId, "user.renamed", cancellation);
        return TypedResults.Ok(UserAnswer.Of(user.Value));
    }
}
