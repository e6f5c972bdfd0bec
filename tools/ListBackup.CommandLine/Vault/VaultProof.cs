using System.CommandLine;

namespace ListBackup.CommandLine;

/// <summary>vault prove.</summary>
internal static class VaultProof
{
    public static readonly Option<string> Key = new("--key") { Description = "The record's key.", Required = true };
    public static readonly Option<string> Out = new("--out") { Description = "Folder for the proof; made anew.", Required = true };

    public static async Task<int> ProveAsync(VaultCommand command)
    {
        var folder = command.Parsed.GetRequiredValue(Out);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()) throw new CommandException($"The folder {folder} is not empty.");
        var vault = await command.OpenAsync();
        var proof = await vault.ProveAsync(
            command.SourceId, command.StreamName, command.Parsed.GetRequiredValue(Key), await command.SeqAsync(vault), command.Cancellation);
        Directory.CreateDirectory(folder);
        foreach (var (name, content) in proof.Files) await File.WriteAllBytesAsync(Path.Combine(folder, name), content, command.Cancellation);
        Console.Error.WriteLine($"Wrote the proof for snapshot {proof.Seq} to {folder}. Its README.txt says what it proves and what else it reveals; scripts/verify-proof.sh checks it.");
        return ExitCode.Success;
    }
}
