namespace ListBackup.Benchmarks.Vault;

/// <summary>A backup program in a folder of its own: what the benchmark asks of each alike.</summary>
internal abstract class Engine(string name, string folder)
{
    public string Name { get; } = name;

    public string Folder { get; } = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    /// <summary>Bytes that it keeps, without what it would make anew by itself.</summary>
    public virtual long KeptBytes => BytesOf("repo");

    public abstract Task PrepareAsync();

    /// <summary>Backs up a full export.</summary>
    public abstract Task<Measured> BackUpAsync(string export, int day);

    /// <summary>Writes the newest state as NDJSON, in whatever order.</summary>
    public abstract Task<Measured?> RestoreAsync(string export, int day, string output);

    /// <summary>Reads and proves every byte; null where the program has no such thing.</summary>
    public abstract Task<Measured?> VerifyAsync();

    protected Task<Measured> RunAsync(string program, string[] arguments, string? output = null, params (string, string)[] environment) =>
        Measured.RunAsync(program, arguments, Folder, output, environment);

    protected long BytesOf(string part)
    {
        var path = new DirectoryInfo(Path.Combine(Folder, part));
        return path.Exists ? path.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
    }
}

/// <summary>restic, from Debian's package.</summary>
internal sealed class ResticEngine(string folder) : Engine("restic", folder)
{
    private static readonly string[] Options = ["-r", "repo", "--cache-dir", "cache", "-q"];
    private readonly (string, string)[] _environment = [("RESTIC_PASSWORD", "benchmark")];

    public override Task PrepareAsync() => RunAsync("restic", [.. Options, "init"], null, _environment);

    public override Task<Measured> BackUpAsync(string export, int day) => RunAsync("restic", [.. Options, "backup", export], null, _environment);

    public override async Task<Measured?> RestoreAsync(string export, int day, string output) => await RunAsync("restic", [.. Options, "dump", "latest", export], output, _environment);

    public override async Task<Measured?> VerifyAsync() => await RunAsync("restic", [.. Options, "check", "--read-data"], null, _environment);
}

/// <summary>borg, from Debian's package, encrypted, at zstd's level 3.</summary>
internal sealed class BorgEngine(string folder) : Engine("borg", folder)
{
    private (string, string)[] Environment => [("BORG_PASSPHRASE", "benchmark"), ("BORG_BASE_DIR", Folder), ("BORG_RELOCATED_REPO_ACCESS_IS_OK", "yes")];

    public override Task PrepareAsync() => RunAsync("borg", ["init", "-e", "repokey-blake2", "repo"], null, Environment);

    public override Task<Measured> BackUpAsync(string export, int day) => RunAsync("borg", ["create", "-C", "zstd,3", $"repo::day{day}", export], null, Environment);

    public override async Task<Measured?> RestoreAsync(string export, int day, string output) => await RunAsync("borg", ["extract", "--stdout", $"repo::day{day}"], output, Environment);

    public override async Task<Measured?> VerifyAsync() => await RunAsync("borg", ["check", "--verify-data", "repo"], null, Environment);
}

/// <summary>zstd of the whole export, every day: no encryption, no history of a record.</summary>
internal sealed class ZstdEngine(string folder) : Engine("zstd", folder)
{
    public override Task PrepareAsync()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "repo"));
        return Task.CompletedTask;
    }

    public override Task<Measured> BackUpAsync(string export, int day) => RunAsync("zstd", ["-q", "-3", "--single-thread", export, "-o", Kept(day)]);

    public override async Task<Measured?> RestoreAsync(string export, int day, string output) => await RunAsync("zstd", ["-q", "-d", "-c", Kept(day)], output);

    public override Task<Measured?> VerifyAsync() => Task.FromResult<Measured?>(null);

    private static string Kept(int day) => $"repo/day{day}.zst";
}

/// <summary>zstd of what changed, every day: the lower bound, not encrypted and without anything that finds a record again.</summary>
internal sealed class ChangesEngine(string folder, string changes) : Engine("only the changes", folder)
{
    public override Task PrepareAsync()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "repo"));
        return Task.CompletedTask;
    }

    public override Task<Measured> BackUpAsync(string export, int day) =>
        RunAsync("zstd", ["-q", "-3", "--single-thread", day == 0 ? export : changes, "-o", $"repo/day{day}.zst"]);

    public override Task<Measured?> RestoreAsync(string export, int day, string output) => Task.FromResult<Measured?>(null);

    public override Task<Measured?> VerifyAsync() => Task.FromResult<Measured?>(null);
}
