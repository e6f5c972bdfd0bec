using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Domain;
using Microsoft.Data.Sqlite;

namespace ListBackup.Embedded;

/// <summary>
/// Copies of a whole installation in a folder of their own: <c>states/{time}/</c> holds a consistent copy of the database, taken while the Host may be running, and
/// <c>objects/</c> mirrors the buckets. The database is copied first, so every object that it refers to is there when the mirror is done. What an installation has deleted goes from
/// the mirror as well, above all the keys of an erased person: a copy that kept them would undo the erasure.
/// </summary>
/// <remarks>The master key is not part of a copy unless that is asked for: whoever has both can read everything. docs/guide/copies.md says how to keep it.</remarks>
public sealed class InstallationCopy
{
    /// <summary>Newest form of a copy that this program writes and reads.</summary>
    public const int Format = 1;

    internal const string StateFile = "state.json";
    internal const string DatabaseFile = "listbackup.db";
    internal const string KeyFile = "master.key";

    private const string LockFile = "copy.lock";
    private const string ListFile = "objects.ndjson";
    private const string TimeFormat = "yyyyMMdd'T'HHmmssfff'Z'";

    private readonly string _folder;
    private readonly TimeProvider _time;

    public InstallationCopy(string folder, TimeProvider time) => (_folder, _time) = (Path.GetFullPath(folder), time);

    private string States => Path.Combine(_folder, "states");

    private string Objects => Path.Combine(_folder, "objects");

    private string List => Path.Combine(_folder, ListFile);

    /// <summary>Takes a copy of the installation in <paramref name="data"/>, which may be in use. Objects that were copied before and have not changed are not read again.</summary>
    /// <param name="data">The data folder of a Host.</param>
    /// <param name="withKey">Puts the master key beside the copy, readable by this user only.</param>
    /// <param name="keep">How many states of the database stay, at least 1; older ones are removed after the new one is complete.</param>
    /// <exception cref="StorageException">No installation there, a damaged database, or a folder that cannot be written. The copies from before are as they were.</exception>
    public CopyState Take(string data, bool withKey, int keep, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var installation = Installation.At(data);
        if (_folder == installation.Path || _folder.StartsWith(installation.Path + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new StorageException($"A copy within the data folder {installation.Path} would be lost together with it. Choose another place.");
        return Guarded($"write the copy {_folder}", () =>
        {
            DurableFile.CreateFolder(States);
            DurableFile.CreateFolder(Objects);
            using var held = Lock();
            var keys = MasterKeys.OpenOrCreate(installation.MasterKey, _time); // Exists: Installation.At has looked.
            var at = _time.GetUtcNow();
            var begun = Path.Combine(States, $".{at.ToString(TimeFormat, CultureInfo.InvariantCulture)}");
            var database = CopyDatabase(installation.Database, begun);
            var mirror = new ObjectMirror(installation.Objects, Objects, List);
            var objects = mirror.Bring(cancellation);
            if (withKey) DurableFile.Write(Path.Combine(begun, KeyFile), File.ReadAllBytes(installation.MasterKey), replace: true, ownerOnly: true);

            var state = new CopyState(Format, at, database.Schema, database.Bytes, database.Sha256, objects.Count, objects.Bytes, keys.Ids) { CopiedObjects = objects.Copied, RemovedObjects = objects.Removed };
            DurableFile.Write(Path.Combine(begun, StateFile), JsonSerializer.SerializeToUtf8Bytes(state, CopyJson.Default.CopyState), replace: true, ownerOnly: true);
            Directory.Move(begun, Path.Combine(States, at.ToString(TimeFormat, CultureInfo.InvariantCulture)));
            DurableFile.SyncFolder(States);
            Forget(keep);
            return state;
        });
    }

    /// <summary>The complete states, newest first.</summary>
    /// <exception cref="StorageException">The folder holds no copy, or one that this version does not know.</exception>
    public IReadOnlyList<CopyState> ListStates() => [.. Names().Select(Read)];

    /// <summary>Reads everything that the copy holds and compares it with its hashes.</summary>
    public CopyCheck Check(CancellationToken cancellation) => Guarded($"read the copy {_folder}", () =>
    {
        using var held = Lock();
        var damaged = Names().Where(name => !IsWhole(name)).Select(name => $"states/{name}/{DatabaseFile}").ToList();
        return new CopyCheck(Names().Count, new ObjectMirror("", Objects, List).FindDamage(damaged, cancellation), damaged);
    });

    /// <summary>
    /// Makes an installation out of the copy. Objects that are damaged are left out and named: everything else is worth having, and verifying the sources then says what the
    /// missing ones mean.
    /// </summary>
    /// <param name="at">A state's time; null: the newest.</param>
    /// <param name="data">A folder that is empty or is not there yet; it may hold <c>keys/master.key</c>.</param>
    /// <param name="keyFile">The master key; null: the one in <paramref name="data"/> or beside the copy.</param>
    /// <exception cref="StorageException">The key is missing or another one, the database is damaged or from a newer version, or the folder is in use. Nothing was begun then.</exception>
    public CopyRestored Restore(DateTimeOffset? at, string data, string? keyFile, CancellationToken cancellation) => Guarded($"restore the copy {_folder}", () =>
    {
        using var held = Lock();
        var name = NameAt(at);
        var state = Read(name);
        var from = Path.Combine(States, name);
        var installation = new Installation(Path.GetFullPath(data));
        installation.MustBeEmpty();
        var key = KeyFor(state, from, installation, keyFile);
        if (state.Schema > SqliteSchema.Newest)
            throw new StorageException($"The copy's database has schema {state.Schema}; this ListBackup knows schemas up to {SqliteSchema.Newest}. Use the newer version that wrote it.");
        if (!IsWhole(name)) throw new StorageException($"The database of the copy of {state.At:O} is damaged. Restore another state.");

        using var folder = DataFolder.Open(installation.Path);
        if (!File.Exists(folder.MasterKey)) DurableFile.Write(folder.MasterKey, key, replace: false, ownerOnly: true);
        var damaged = new List<string>();
        var objects = new ObjectMirror(Objects, folder.Objects, List).BringVerified(damaged, cancellation);
        // Last: a folder without a database is an installation that was never finished, and says so when it is started.
        DurableFile.Copy(Path.Combine(from, DatabaseFile), folder.Database, ownerOnly: true);
        return new CopyRestored(state.At, objects.Count, objects.Bytes, damaged);
    });

    private static byte[] KeyFor(CopyState state, string from, Installation installation, string? keyFile)
    {
        var path = new[] { keyFile, installation.MasterKey, Path.Combine(from, KeyFile) }.FirstOrDefault(candidate => candidate is not null && File.Exists(candidate));
        if (keyFile is not null && path != keyFile) throw new StorageException($"There is no key file {keyFile}.");
        if (path is null) throw new StorageException($"The master key is not in this copy. Name your copy of it with --key-file; its newest key is {state.MasterKeyIds[^1]}.");
        var content = File.ReadAllBytes(path);
        var missing = state.MasterKeyIds.Except(MasterKeys.IdsOf(content, path)).ToList();
        return missing.Count == 0 ? content : throw new StorageException($"{path} is not the master key of this copy: it lacks the key {missing[^1]}.");
    }

    private static CopiedDatabase CopyDatabase(string database, string to)
    {
        if (Directory.Exists(to)) Directory.Delete(to, recursive: true);
        DurableFile.CreateFolder(to);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(to, DatabaseFile);
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 30 }.ToString());
            connection.Open();
            using var session = new SqliteSession(connection);
            // One read transaction: what the Host writes meanwhile is in the next copy.
            session.Execute("VACUUM INTO $path", ("$path", path));
        }
        catch (SqliteException failure)
        {
            throw SqliteFailure.Of(failure, $"be copied from {database}");
        }
        DurableFile.Sync(path);
        return Examine(path);
    }

    // A copy of a damaged database must not push out the sound ones before it.
    private static CopiedDatabase Examine(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
            connection.Open();
            using var session = new SqliteSession(connection);
            var verdict = session.First("PRAGMA integrity_check(1)", row => row.GetString(0));
            if (verdict != "ok") throw new StorageException($"The database is damaged: {verdict}. The copies from before are as they were.");
            return new(session.First("SELECT max(version) FROM schema_versions", row => row.GetInt32(0)), new FileInfo(path).Length, HashOf(path));
        }
        catch (SqliteException failure)
        {
            throw SqliteFailure.Of(failure, "be examined");
        }
    }

    private static string HashOf(string path)
    {
        using var content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private bool IsWhole(string name)
    {
        var path = Path.Combine(States, name, DatabaseFile);
        return File.Exists(path) && HashOf(path) == Read(name).DatabaseSha256;
    }

    private string NameAt(DateTimeOffset? at)
    {
        var names = Names();
        if (names.Count == 0) throw new StorageException($"There is no complete copy in {_folder}.");
        return at is not { } time ? names[0] : names.FirstOrDefault(name => TimeOf(name) <= time) ?? throw new StorageException($"No copy in {_folder} is as old as {time:O}.");
    }

    // Newest first. Names that begin with a dot were never finished.
    private IReadOnlyList<string> Names() => Directory.Exists(States)
        ? [.. Directory.GetDirectories(States).Select(path => Path.GetFileName(path)).Where(name => TimeOf(name) is not null).OrderDescending(StringComparer.Ordinal)]
        : throw new StorageException($"There is no copy of an installation in {_folder}.");

    private static DateTimeOffset? TimeOf(string name) =>
        DateTimeOffset.TryParseExact(name, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private CopyState Read(string name)
    {
        var path = Path.Combine(States, name, StateFile);
        try
        {
            var state = JsonSerializer.Deserialize(File.ReadAllBytes(path), CopyJson.Default.CopyState);
            return state is { Format: Format, MasterKeyIds.Count: > 0 } ? state : throw new StorageException($"{path} has a form that this version does not know.");
        }
        catch (Exception damaged) when (damaged is JsonException or FileNotFoundException)
        {
            throw new StorageException($"{path} is damaged. Remove the folder {name}, or restore another state.", damaged);
        }
    }

    private void Forget(int keep)
    {
        foreach (var name in Names().Skip(keep)) Directory.Delete(Path.Combine(States, name), recursive: true);
        foreach (var unfinished in Directory.GetDirectories(States, ".*")) Directory.Delete(unfinished, recursive: true);
    }

    private FileStream Lock()
    {
        if (!Directory.Exists(States)) throw new StorageException($"There is no copy of an installation in {_folder}.");
        try
        {
            return new FileStream(Path.Combine(_folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new StorageException($"Another process works on the copy {_folder}.");
        }
    }

    private static T Guarded<T>(string attempt, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception full) when (full is IOException && FileFailure.IsFull(full))
        {
            throw new StorageFullException($"Could not {attempt}: the disk is full.", full);
        }
        catch (DataFolderException unusable)
        {
            throw new StorageException(unusable.Message, unusable);
        }
        catch (Exception failure) when (failure is IOException and not StorageException || failure is UnauthorizedAccessException)
        {
            throw new StorageException($"Could not {attempt}: {failure.Message}", failure);
        }
    }

    private readonly record struct CopiedDatabase(int Schema, long Bytes, string Sha256);

    /// <summary>The places of a data folder, whoever holds it.</summary>
    private sealed record Installation(string Path)
    {
        public string Database => System.IO.Path.Combine(Path, DataFolder.DatabaseName);

        public string MasterKey => System.IO.Path.Combine(Path, DataFolder.MasterKeyName);

        public string Objects => System.IO.Path.Combine(Path, DataFolder.ObjectsName);

        public static Installation At(string data)
        {
            var found = new Installation(System.IO.Path.GetFullPath(data));
            if (!File.Exists(found.Database) || !File.Exists(found.MasterKey)) throw new StorageException($"There is no installation in {found.Path}: name its data folder with --data.");
            return found;
        }

        public void MustBeEmpty()
        {
            if (!Directory.Exists(Path)) return;
            var other = Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).FirstOrDefault(file => file != MasterKey);
            if (other is not null) throw new StorageException($"{Path} is not empty: it holds {System.IO.Path.GetRelativePath(Path, other)}. Nothing is overwritten; choose another folder.");
        }
    }
}

/// <summary>One state in a copy.</summary>
/// <param name="Format">Form of the copy.</param>
/// <param name="At">When the database was copied (UTC).</param>
/// <param name="Schema">The database's schema version.</param>
/// <param name="DatabaseBytes">Its size.</param>
/// <param name="DatabaseSha256">Its hash, lower-case hex.</param>
/// <param name="Objects">How many objects the mirror held then.</param>
/// <param name="ObjectBytes">Their size together.</param>
/// <param name="MasterKeyIds">Which master keys are needed to read it, oldest first.</param>
public sealed record CopyState(int Format, DateTimeOffset At, int Schema, long DatabaseBytes, string DatabaseSha256, long Objects, long ObjectBytes, IReadOnlyList<string> MasterKeyIds)
{
    /// <summary>Objects that this run copied.</summary>
    public long CopiedObjects { get; init; }

    /// <summary>Objects that the installation no longer had.</summary>
    public long RemovedObjects { get; init; }
}

/// <summary>What a check found.</summary>
/// <param name="States">How many states there are.</param>
/// <param name="Objects">How many objects were read.</param>
/// <param name="Damaged">Paths within the copy that are missing or differ from their hashes.</param>
public sealed record CopyCheck(int States, long Objects, IReadOnlyList<string> Damaged);

/// <summary>What a restore brought.</summary>
/// <param name="At">The time of the state.</param>
/// <param name="Objects">How many objects came.</param>
/// <param name="ObjectBytes">Their size together.</param>
/// <param name="Damaged">Objects that are missing or differ from their hashes; they were left out.</param>
public sealed record CopyRestored(DateTimeOffset At, long Objects, long ObjectBytes, IReadOnlyList<string> Damaged);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CopyState))]
[JsonSerializable(typeof(CopyCheck))]
[JsonSerializable(typeof(CopyRestored))]
public sealed partial class CopyJson : JsonSerializerContext;
