using System.CommandLine;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>register, confirm, login, logout, whoami.</summary>
internal static class SignInCommands
{
    private const string AccountsPath = "v1/users/me/accounts";
    private static readonly Option<string?> Email = new("--email") { Description = "E-mail address. Asked for when absent." };
    private static readonly Option<string?> Name = new("--name") { Description = "Your name. Asked for when absent." };
    private static readonly Option<string?> Code = new("--code") { Description = "The code from the message. Asked for when absent." };
    private static readonly Option<string?> MfaCode = new("--mfa-code") { Description = "Code of the second factor. Asked for when it is needed." };

    public static IEnumerable<Command> Build() =>
    [
        ApiCommand.Build("register", "Sign up. The password is asked for, or read from standard input.", [Email, Name], RegisterAsync),
        ApiCommand.Build("confirm", "Confirm the address with the code that was mailed (self-hosted: to the folder 'outbox' of the data folder).", [Email, Code], ConfirmAsync),
        ApiCommand.Build("login", "Sign in. The password is asked for, or read from standard input.", [Email, MfaCode], LoginAsync),
        ApiCommand.Build("logout", "End the session.", [], LogoutAsync),
        ApiCommand.Build("whoami", "Who is signed in, where, and on which account.", [], WhoAmIAsync),
        ApiCommand.Build("accounts", "Accounts that you reach.", [], AccountsAsync),
    ];

    private static async Task<int> RegisterAsync(ApiCommand command)
    {
        var email = command.Parsed.GetValue(Email) ?? Prompt.Text(command.Report, "E-mail:", "--email");
        var name = command.Parsed.GetValue(Name) ?? Prompt.Text(command.Report, "Your name:", "--name");
        var password = Prompt.Secret(command.Report, "Password (12 characters or more):");
        await command.Api.PostAnonymouslyAsync("v1/auth/register", new JsonObject { ["email"] = email, ["name"] = name, ["password"] = password }, command.Cancellation);
        command.Report.Value(new JsonObject { ["email"] = email }, $"A code is on its way to {email}. Confirm with: listbackup confirm --email {email}");
        return ExitCode.Success;
    }

    private static async Task<int> ConfirmAsync(ApiCommand command)
    {
        var email = command.Parsed.GetValue(Email) ?? Prompt.Text(command.Report, "E-mail:", "--email");
        var code = command.Parsed.GetValue(Code) ?? Prompt.Text(command.Report, "Code:", "--code");
        await command.Api.PostAnonymouslyAsync("v1/auth/confirm", new JsonObject { ["email"] = email, ["code"] = code }, command.Cancellation);
        command.Report.Value(new JsonObject { ["email"] = email }, $"{email} is confirmed. Sign in with: listbackup login --email {email}");
        return ExitCode.Success;
    }

    private static async Task<int> LoginAsync(ApiCommand command)
    {
        var email = command.Parsed.GetValue(Email) ?? Prompt.Text(command.Report, "E-mail:", "--email");
        var password = Prompt.Secret(command.Report, "Password:");
        var answer = await command.Api.PostAnonymouslyAsync("v1/auth/login", new JsonObject { ["email"] = email, ["password"] = password }, command.Cancellation);
        if ((string?)answer["challenge"] is { } challenge)
        {
            var code = command.Parsed.GetValue(MfaCode) ?? Prompt.Text(command.Report, "Code of your second factor, or a recovery code:", "--mfa-code");
            answer = await command.Api.PostAnonymouslyAsync("v1/auth/mfa", new JsonObject { ["challenge"] = challenge, ["code"] = code }, command.Cancellation);
        }
        command.Api.Use(command.Api.SignedIn(answer));

        var accounts = await command.AllAsync(AccountsPath, most: 2);
        var account = accounts.Count > 0 ? (string?)accounts[0]["id"] : null;
        command.Api.Use(command.Api.Session with { AccountId = account });
        command.Report.Value(
            new JsonObject { ["server"] = command.Api.Server, ["email"] = email, ["accountId"] = account },
            $"Signed in at {command.Api.Server} as {email}, account {(string?)accounts.FirstOrDefault()?["name"] ?? "–"} ({account ?? "none"}).{(accounts.Count > 1 ? " You reach more: listbackup accounts." : "")}");
        return ExitCode.Success;
    }

    private static async Task<int> LogoutAsync(ApiCommand command)
    {
        if (command.Api.Session.RefreshToken is { } refresh)
            await command.Api.PostAnonymouslyAsync("v1/auth/logout", new JsonObject { ["refreshToken"] = refresh }, command.Cancellation);
        SessionFile.Delete();
        command.Report.Value(new JsonObject(), "Signed out.");
        return ExitCode.Success;
    }

    private static async Task<int> WhoAmIAsync(ApiCommand command)
    {
        var me = await command.Api.GetAsync("v1/users/me", command.Cancellation);
        me["server"] = command.Api.Server;
        me["accountId"] = command.Api.Session.AccountId;
        command.Report.Value(me, $"{(string?)me["name"]} <{(string?)me["email"]}> at {command.Api.Server}, account {command.Api.Session.AccountId ?? "none"}");
        return ExitCode.Success;
    }

    private static async Task<int> AccountsAsync(ApiCommand command)
    {
        command.Report.Rows(await command.AllAsync(AccountsPath, int.MaxValue), "You reach no account.",
            ("Id", row => (string?)row["id"]), ("Name", row => (string?)row["name"]), ("Role", row => (string?)row["role"]));
        return ExitCode.Success;
    }
}
