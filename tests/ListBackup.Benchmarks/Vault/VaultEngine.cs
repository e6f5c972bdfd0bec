using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Vault;

/// <summary>What the command line asked of the store.</summary>
internal sealed record Traffic(long Requests, long BytesRead);

/// <summary>ListBackup's own command line on a vault folder, each command a whole process.</summary>
internal sealed class VaultEngine(string folder) : Engine("ListBackup", folder)
{
    public const string SourceName = "crm";
    public const string StreamName = "contacts";

    // What scripts/listbackup has built; the JIT would cost every command half a second of its own.
    private readonly string _program = Path.Combine(BuildOutput.Root, "artifacts", "listbackup", "listbackup");

    public Traffic LastTraffic { get; private set; } = new(0, 0);

    // Whatever lies under x/ may be deleted at any time; it is made again from the rest.
    public override long KeptBytes => BytesOf("repo") - CacheBytes;

    public long CacheBytes => BytesOf("repo/x");

    public override Task PrepareAsync() => CommandAsync("init", []);

    public override Task<Measured> BackUpAsync(string export, int day) => CommandAsync("backup", [.. Names(StreamName), "--primary-key", "id", export]);

    public Task<Measured> BackUpAsync(string export, string stream, params string[] options) => CommandAsync("backup", [.. Names(stream), "--primary-key", "id", .. options, export]);

    /// <summary>Backs up what changed and the ids of what went.</summary>
    public Task<Measured> BackUpChangesAsync(string changes, string deleted) =>
        CommandAsync("backup", [.. Names(StreamName), "--primary-key", "id", "--incremental", "--deleted", deleted, changes]);

    public override async Task<Measured?> RestoreAsync(string export, int day, string output) => await CommandAsync("restore", Names(StreamName), output);

    public Task<Measured> RestoreAtAsync(long snapshot, string output) => CommandAsync("restore", [.. Names(StreamName), "--at", $"{snapshot}"], output);

    public override async Task<Measured?> VerifyAsync() => await CommandAsync("verify", []);

    public Task<Measured> DiffAsync(long from, long to) => CommandAsync("diff", [.. Names(StreamName), "--from", $"{from}", "--to", $"{to}", "--summary"]);

    public Task<Measured> HistoryAsync(long id) => CommandAsync("history", [.. Names(StreamName), $"{id}"]);

    /// <summary>Merges what the days have written; what it replaces is still there.</summary>
    public Task<Measured> CompactAsync() => CommandAsync("compact", ["--source", SourceName]);

    /// <summary>Deletes what nothing refers to: a plan and its deletion.</summary>
    public async Task CollectAsync()
    {
        for (var i = 0; i < 2; i++) await CommandAsync("gc", ["--source", SourceName, "--grace-hours", "0", "--yes"]);
    }

    private static string[] Names(string stream) => ["--source", SourceName, "--stream", stream];

    private async Task<Measured> CommandAsync(string verb, string[] arguments, string? output = null)
    {
        var measured = await RunAsync(_program, ["vault", verb, "repo", "--key-file", "key", "--traffic", .. arguments], output);
        var json = JsonNode.Parse(measured.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!; // Null is JSON too, and not what was printed.
        LastTraffic = new Traffic((long)json["requests"]!, (long)json["bytesRead"]!);
        return measured;
    }
}
