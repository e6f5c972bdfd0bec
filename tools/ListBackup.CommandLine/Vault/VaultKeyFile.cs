using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>The account key in a text file: a word that says what it is, the key's id, 64 hex digits. scripts/recover-without-us.sh reads it too.</summary>
internal static class VaultKeyFile
{
    private const string Label = "listbackup-account-key";

    public static IVaultKeys Read(string path)
    {
        if (!File.Exists(path)) throw new CommandException($"There is no key file {path}. 'vault init' makes one.");
        var words = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is not [Label, var id, { Length: 2 * AccountKey.ByteCount } hex] || !hex.All(char.IsAsciiHexDigit))
            throw new CommandException($"{path} is no key file: it should say '{Label}', an id and {2 * AccountKey.ByteCount} hex digits.");
        return new FixedVaultKeys(new AccountKey(id, Convert.FromHexString(hex)));
    }

    /// <summary>Reads the key file; makes one with a fresh key, for its owner only, where there is none.</summary>
    public static (IVaultKeys Keys, bool IsNew) ReadOrCreate(string path)
    {
        if (File.Exists(path)) return (Read(path), false);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(path, options))
        {
            var key = RandomNumberGenerator.GetBytes(AccountKey.ByteCount);
            file.Write(Encoding.ASCII.GetBytes($"{Label} {Guid.CreateVersion7():n} {Convert.ToHexStringLower(key)}\n"));
            file.Flush(flushToDisk: true);
        }

        return (Read(path), true);
    }
}
