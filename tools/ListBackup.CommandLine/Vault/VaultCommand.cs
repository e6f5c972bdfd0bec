using System.CommandLine;
using ListBackup.Embedded;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>What every command on a vault has: the folder or bucket, the key file, how to print.</summary>
internal sealed class VaultCommand
{
    public static readonly Argument<string> Folder = new("DIR") { Description = "The vault's folder, or s3://bucket." };
    public static readonly Option<string> KeyFile = new("--key-file") { Description = "File with the account key.", Required = true };
    public static readonly Option<string> Source = new("--source") { Description = "Id of the source.", Required = true };
    public static readonly Option<string?> AnySource = new("--source") { Description = "Only this source." };
    public static readonly Option<string> Stream = new("--stream") { Description = "Name of the stream.", Required = true };
    public static readonly Option<string?> At = new("--at") { Description = "Number of the snapshot, or a time such as 2026-11-01: the newest not after it. Default: the newest." };

    private static readonly Option<bool> Traffic = new("--traffic") { Description = "Say on standard error, as one line of JSON, what was asked of the store." };

    private readonly CountedObjects _objects;

    private VaultCommand(ParseResult parsed, CancellationToken cancellation)
    {
        (Parsed, Report, Cancellation) = (parsed, new Report(parsed.GetValue(ApiCommand.Json)), cancellation);
        _objects = new CountedObjects(Open(parsed.GetRequiredValue(Folder)));
    }

    public ParseResult Parsed { get; }

    public Report Report { get; }

    public CancellationToken Cancellation { get; }

    public string SourceId => Parsed.GetRequiredValue(Source);

    public string StreamName => Parsed.GetRequiredValue(Stream);

    public IObjectStore Objects => _objects;

    public static Command Build(string name, string description, IEnumerable<Symbol> symbols, Func<VaultCommand, Task<int>> action)
    {
        var command = new Command(name, description) { Folder, KeyFile, Traffic };
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }

        command.SetAction((parsed, cancellation) => RunAsync(parsed, action, cancellation));
        return command;
    }

    public Task<BackupVault> OpenAsync() =>
        BackupVault.OpenAsync(Objects, VaultKeyFile.Read(Parsed.GetRequiredValue(KeyFile)), new VaultOptions(), Cancellation);

    /// <summary>The number that --at means; null: the newest.</summary>
    public Task<long?> SeqAsync(BackupVault vault) => VaultTime.SeqAsync(this, vault, Parsed.GetValue(At));

    private static IObjectStore Open(string place)
    {
        if (VaultBucket.IsBucket(place)) return VaultBucket.Open(place);
        var folder = Path.GetFullPath(place);
        return new FileObjects(folder, Path.Combine(folder, ".tmp"));
    }

    private static async Task<int> RunAsync(ParseResult parsed, Func<VaultCommand, Task<int>> action, CancellationToken cancellation)
    {
        try
        {
            var command = new VaultCommand(parsed, cancellation);
            var code = await action(command);
            if (parsed.GetValue(Traffic)) Console.Error.WriteLine(command._objects.Summary);
            return code;
        }
        catch (Exception exception) when (exception is VaultException or ObjectStoreException or ArgumentException)
        {
            throw new CommandException(exception.Message);
        }
        catch (Exception exception) when (VaultBucket.RefusalOf(exception) is not null)
        {
            throw new CommandException(VaultBucket.RefusalOf(exception)!); // it was none of ours a line ago
        }
    }
}
