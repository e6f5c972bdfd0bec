using Spectre.Console;

namespace ListBackup.CommandLine;

/// <summary>Asks a person at a terminal; without one, says which option to give instead. Secrets are never taken as arguments, where others could read them.</summary>
internal static class Prompt
{
    public static string Text(Report report, string question, string option) =>
        Console.IsInputRedirected ? throw new CommandException($"{option} is needed when nobody is at a terminal.", ExitCode.Usage) : report.Remarks.Ask<string>(question);

    /// <summary>One line from standard input when it is piped, else a hidden prompt.</summary>
    public static string Secret(Report report, string question)
    {
        if (!Console.IsInputRedirected) return report.Remarks.Prompt(new TextPrompt<string>(question).Secret());
        return Console.In.ReadLine() is { Length: > 0 } line ? line : throw new CommandException($"Standard input ended where '{question.TrimEnd(':')}' was expected.", ExitCode.Usage);
    }
}
