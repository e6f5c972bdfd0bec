using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

public sealed class PutMySettings(IItemStore items, People people)
{
    private const int SettingsMax = 50;
    private const int NameLengthMax = 64;
    private const int ValueLengthMax = 1000;

    public async Task<Ok<UserSettingsBody>> RunAsync(UserSettingsBody request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        Require(request.Settings);

        var user = await http.ChangeAsync(items, UserKeys.Profile(who.UserId), UsersJson.Default.User, "The settings", u => u with { Settings = request.Settings }, cancellation);
        await people.LogAsync(who.UserId, "user.settings-changed", cancellation);
        return TypedResults.Ok(new UserSettingsBody(user.Value.Settings));
    }

    private static void Require(IReadOnlyDictionary<string, string> settings)
    {
        if (settings.Count > SettingsMax) throw Problem.Invalid("settings", $"At most {SettingsMax} settings are kept.");
        foreach (var (name, value) in settings)
        {
            if (name.Length is 0 or > NameLengthMax || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
                throw Problem.Invalid("settings", $"A setting's name has 1 to {NameLengthMax} letters, digits, dots, dashes or underscores.");
            if (value is null || value.Length > ValueLengthMax) throw Problem.Invalid($"settings.{name}", $"Use text of at most {ValueLengthMax} characters.");
        }
    }
}
