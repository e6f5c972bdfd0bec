using System.CommandLine;

namespace ListBackup.CommandLine;

/// <summary>The table of contents of the command line.</summary>
internal static class Commands
{
    public static IEnumerable<Command> Build() =>
    [
        .. SignInCommands.Build(),
        .. ConnectCommands.Build(),
        .. SourceCommands.Build(),
        .. SnapshotCommands.Build(),
        .. RecordCommands.Build(),
        VerifyCommand.Build(),
        ExportCommand.Build(),
        .. RestoreCommand.Build(),
        VaultCommands.Build(),
        ConnectorCommands.Build(),
        AdminCommands.Build(),
    ];
}
