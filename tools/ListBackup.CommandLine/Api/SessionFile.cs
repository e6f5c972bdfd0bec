using System.Text.Json;
using System.Text.Json.Serialization;

namespace ListBackup.CommandLine;

/// <summary>Who is signed in where: one file that only its owner can read.</summary>
public sealed record StoredSession
{
    public required string Server { get; init; }
    public required string AccessToken { get; init; }
    public string? RefreshToken { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>The account that commands work on unless --account names another.</summary>
    public string? AccountId { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StoredSession))]
internal sealed partial class SessionJson : JsonSerializerContext;

internal static class SessionFile
{
    /// <summary>LISTBACKUP_CLI_SESSION, or listbackup/session.json in the user's configuration folder.</summary>
    public static string Path => Environment.GetEnvironmentVariable("LISTBACKUP_CLI_SESSION") is { Length: > 0 } path
        ? path
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "listbackup", "session.json");

    public static StoredSession? Find()
    {
        if (!File.Exists(Path)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Path), SessionJson.Default.StoredSession);
        }
        catch (JsonException)
        {
            throw new CommandException($"{Path} is damaged. Sign in again with 'listbackup login'.", ExitCode.NotSignedIn);
        }
    }

    /// <summary>Replaces the file whole: whoever reads it sees the old session or the new one.</summary>
    public static void Save(StoredSession session)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        var temporary = $"{Path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options)) JsonSerializer.Serialize(file, session, SessionJson.Default.StoredSession);
        File.Move(temporary, Path, overwrite: true);
    }

    public static void Delete() => File.Delete(Path);
}
