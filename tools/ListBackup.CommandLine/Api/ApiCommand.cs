using System.CommandLine;

namespace ListBackup.CommandLine;

/// <summary>What every command that talks to a server has: where it is, which account, how to print.</summary>
internal sealed class ApiCommand
{
    private const string DefaultServer = "http://localhost:8080";

    public static readonly Option<string?> Server = new("--server") { Description = $"Address of the Host. Default: LISTBACKUP_CLI_SERVER, the last sign-in's, or {DefaultServer}.", Recursive = true };
    public static readonly Option<string?> Account = new("--account") { Description = "Id of the account to work on. Default: LISTBACKUP_CLI_ACCOUNT or the one chosen at sign-in.", Recursive = true };
    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON for programs.", Recursive = true };

    private ApiCommand(ParseResult parsed, ApiClient api, CancellationToken cancellation) =>
        (Parsed, Api, Report, Cancellation) = (parsed, api, new Report(parsed.GetValue(Json)), cancellation);

    public ParseResult Parsed { get; }

    public ApiClient Api { get; }

    public Report Report { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>Path of the account that the command works on.</summary>
    public string AccountPath => $"v1/accounts/{AccountId}";

    public string AccountId => Parsed.GetValue(Account) ?? Setting("LISTBACKUP_CLI_ACCOUNT") ?? Api.Session.AccountId
        ?? throw new CommandException("Which account? Name it with --account.", ExitCode.Usage);

    /// <summary>A command whose action gets a client; what it throws becomes one line and an exit code.</summary>
    public static Command Build(string name, string description, IEnumerable<Symbol> symbols, Func<ApiCommand, Task<int>> action)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }
        command.SetAction((parsed, cancellation) => RunAsync(parsed, action, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Func<ApiCommand, Task<int>> action, CancellationToken cancellation)
    {
        var stored = SessionFile.Find();
        var server = parsed.GetValue(Server) ?? Setting("LISTBACKUP_CLI_SERVER") ?? stored?.Server ?? DefaultServer;
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new CommandException($"'{server}' is not the address of a server.", ExitCode.Usage);
        // A token belongs to the server that gave it and is sent to no other.
        var session = stored is not null && stored.Server == server.TrimEnd('/') ? stored : null;
        using var api = new ApiClient(server, session, TimeProvider.System);
        return await action(new ApiCommand(parsed, api, cancellation));
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
