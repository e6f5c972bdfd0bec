using System.CommandLine;
using ListBackup.Connectors;

namespace ListBackup.CommandLine;

/// <summary>connector check: does this configuration work?</summary>
internal static class ConnectorCheck
{
    public static Command Build()
    {
        var command = new Command("check", "Prove that a configuration works, by reading a first page.") { ConnectorCommands.Manifest, ConnectorCommands.Config, ConnectorCommands.Strict };
        command.SetAction(RunAsync);

        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var connector = ConnectorCommands.Load(parsed);
        using var http = ConnectorCommands.OpenHttp();
        var result = await connector.CheckAsync(ConnectorCommands.LoadConfig(parsed), new ConnectorPorts { Http = http }, cancellation);
        Console.Out.WriteLine(result.Succeeded ? "The connection works." : result.Reason);
        if (result.Doubt is { } doubt)
            Console.Error.WriteLine($"Warning: {doubt}");

        return result.Succeeded ? ExitCode.Success : ExitCode.Failure;
    }
}
