using System.CommandLine;
using System.Text.Json.Nodes;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault init.</summary>
internal static class VaultInit
{
    public static readonly Option<string?> RecoveryKey = new("--recovery-key") { Description = "PEM file with an RSA public key (3,072 bits or more); its private half opens the vault without us." };

    public static async Task<int> RunAsync(VaultCommand command)
    {
        var keyFile = command.Parsed.GetRequiredValue(VaultCommand.KeyFile);
        var recovery = command.Parsed.GetValue(RecoveryKey) is { } path ? await File.ReadAllTextAsync(path, command.Cancellation) : null;
        var (keys, isNew) = VaultKeyFile.ReadOrCreate(keyFile);
        await BackupVault.CreateAsync(command.Objects, keys, recovery, new VaultOptions(), command.Cancellation);
        command.Report.Value(
            new JsonObject { ["keyFile"] = keyFile, ["isNewKey"] = isNew, ["hasRecoveryKey"] = recovery is not null },
            isNew ? $"The vault is ready. Keep a copy of {keyFile} elsewhere: without it{(recovery is null ? "" : " or the recovery key")} nobody can read the vault." : "The vault is ready.");
        return ExitCode.Success;
    }
}
