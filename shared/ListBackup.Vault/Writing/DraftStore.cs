using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Writing;

/// <summary>
/// The drafts of stream backups under x/drafts/. A part is created, never replaced: of two workers that go on from the same part, one wins.
/// </summary>
internal sealed class DraftStore(VaultCore core)
{
    private const string FinalName = "final";

    public static string FolderOf(StreamBackupRequest request) => FolderOf(request.Source, request.Run, request.Stream, request.Partition);

    public static string FolderOf(string source, string run, string stream, string partition)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{stream}\0{partition}"));
        return ObjectNames.DraftsOf(source, run, Convert.ToHexStringLower(hash.AsSpan(0, 16)));
    }

    public static string PartName(string folder, int part) => $"{folder}{part:000000}";

    public static string FinalPartName(string folder) => folder + FinalName;

    /// <summary>Names of the parts that exist, in order, the final one last.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellation)
    {
        var names = new List<string>();
        await foreach (var head in core.Objects.ListAsync(folder, after: null, cancellation)) names.Add(head.Name);
        return names;
    }

    public static bool IsFinal(string name) => name.EndsWith($"/{FinalName}", StringComparison.Ordinal);

    /// <summary>A part; null when it is absent or unreadable.</summary>
    public async Task<DraftPart?> TryReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return DraftPart.Read(await core.Objects.ReadAsync(name, cancellation), core.Secrets.Cache);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    public async Task<DraftHeader?> TryReadHeaderAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await DraftPart.ReadHeaderAsync(core.Objects, name, core.Secrets.Cache, cancellation);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Creates a part; returns the header that stands there: one's own, or that of whoever was first.</summary>
    public async Task<DraftHeader> PutAsync(
        string name, DraftHeader header, ChangeTable changes, KeyMarks marks, IReadOnlyList<byte[]> inlineSections, CancellationToken cancellation)
    {
        try
        {
            var part = DraftPart.Write(header, changes, marks, inlineSections, core.Secrets.Cache);
            await core.Objects.PutAsync(name, part, PutCondition.CreateOnly, cancellation);
            return header;
        }
        catch (ObjectExistsException)
        {
            return await TryReadHeaderAsync(name, cancellation)
                ?? throw new DraftTakenException($"The draft {name} is there and cannot be read.");
        }
    }

    /// <summary>Puts a part in its own place without the texts of erased keys, if it has any. The worker that wrote it does not notice.</summary>
    public async Task ReplaceAsync(string name, DraftPart part, IReadOnlySet<Hash128> erased, StreamSecrets secrets, CancellationToken cancellation)
    {
        if (part.WriteWithout(erased, secrets.HashKey, core.Secrets.Cache) is { } document) await core.Objects.PutAsync(name, document, PutCondition.Replace, cancellation);
    }

    /// <summary>Removes drafts, as far as the store answers; what stays is garbage under x/.</summary>
    public async Task DeleteAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        try
        {
            foreach (var name in names) await core.Objects.DeleteAsync(name, cancellation);
        }
        catch (ObjectStoreException)
        {
            // The snapshot is committed; maintenance sweeps x/.
        }
    }
}
