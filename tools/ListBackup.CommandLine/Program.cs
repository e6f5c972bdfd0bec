using System.CommandLine;
using ListBackup.CommandLine;

var root = new RootCommand("ListBackup: back up, prove and restore what you keep in other people's software.");
root.Add(ApiCommand.Server);
root.Add(ApiCommand.Account);
root.Add(ApiCommand.Json);
foreach (var command in Commands.Build()) root.Add(command);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    // One line: the parser's last complaint is the one that names what was typed.
    Console.Error.WriteLine($"listbackup: {parsed.Errors[^1].Message} See 'listbackup --help'.");
    return ExitCode.Usage;
}
try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (CommandException exception)
{
    Console.Error.WriteLine($"listbackup: {exception.Message}");
    return exception.Code;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("listbackup: cancelled");
    return ExitCode.Cancelled;
}
catch (IOException exception)
{
    Console.Error.WriteLine($"listbackup: {exception.Message}");
    return ExitCode.Failure;
}
