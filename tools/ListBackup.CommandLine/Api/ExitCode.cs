namespace ListBackup.CommandLine;

/// <summary>What the process tells its caller; documented in docs/guide/command-line.md.</summary>
public static class ExitCode
{
    public const int Success = 0;
    /// <summary>The server or the platform refused or failed; one line on standard error says why.</summary>
    public const int Failure = 1;
    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;
    /// <summary>Not signed in, or the session has ended.</summary>
    public const int NotSignedIn = 3;
    /// <summary>It ran, and what it found is not good: a partial run, a snapshot that does not verify, a record that was not restored.</summary>
    public const int NotProven = 4;
    /// <summary>Ctrl+C.</summary>
    public const int Cancelled = 130;
}

/// <summary>Ends the command with one line on standard error.</summary>
public sealed class CommandException(string message, int exitCode = ExitCode.Failure) : Exception(message)
{
    public int Code { get; } = exitCode;
}
