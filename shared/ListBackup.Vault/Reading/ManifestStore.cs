using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Reading;

/// <summary>A manifest whose signature was checked, with its identity and size.</summary>
internal sealed record CheckedManifest(Manifest Manifest, string Sha256, long Size);

/// <summary>Reads manifests and puts new ones. Manifests never change, so what was read is remembered (a few).</summary>
internal sealed class ManifestStore(IObjectStore objects, VaultSecrets secrets)
{
    private const int RememberedMax = 64;
    private readonly ConcurrentDictionary<(string Source, long Seq), CheckedManifest> _remembered = new();
    private readonly ConcurrentDictionary<string, long> _newest = new(StringComparer.Ordinal);

    /// <summary>The newest manifest of a source; null when it has none. One list, one read.</summary>
    public async Task<CheckedManifest?> FindNewestAsync(string source, CancellationToken cancellation)
    {
        // Nobody deletes manifests, so the list may begin at the newest that we know; it must then be there.
        var known = _newest.GetValueOrDefault(source);
        var newest = await FindNewestSeqAsync(source, known - 1, cancellation);
        if (newest == 0 && known > 0) newest = await FindNewestSeqAsync(source, 0, cancellation);
        if (newest == 0) return null;
        _newest[source] = newest;
        return await GetAsync(source, newest, cancellation);
    }

    /// <summary>The newest manifest that this process knows of, or else the newest: good enough to try a commit on, whose put tells if it was not.</summary>
    public Task<CheckedManifest?> FindRecentAsync(string source, CancellationToken cancellation) =>
        _newest.TryGetValue(source, out var seq) && _remembered.TryGetValue((source, seq), out var manifest)
            ? Task.FromResult<CheckedManifest?>(manifest)
            : FindNewestAsync(source, cancellation);

    /// <exception cref="VaultNotFoundException">There is none of this number.</exception>
    public async Task<CheckedManifest> GetAsync(string source, long seq, CancellationToken cancellation)
    {
        if (_remembered.TryGetValue((source, seq), out var remembered)) return remembered;
        try
        {
            return Remember(await ReadAsync(source, seq, cancellation));
        }
        catch (ObjectNotFoundException)
        {
            throw new VaultNotFoundException($"Source {source} has no snapshot {seq}.");
        }
    }

    /// <summary>Reads from the store, whatever is remembered.</summary>
    /// <exception cref="SnapshotExpiredException">It has shrunk.</exception>
    public async Task<CheckedManifest> ReadAsync(string source, long seq, CancellationToken cancellation) =>
        (await ReadAnyAsync(source, seq, cancellation)).Manifest ?? throw new SnapshotExpiredException(source, seq);

    /// <summary>The manifest, or what is left of it.</summary>
    public async Task<(CheckedManifest? Manifest, ManifestStub? Stub)> ReadAnyAsync(string source, long seq, CancellationToken cancellation)
    {
        var name = ObjectNames.Manifest(source, seq);
        var document = await objects.ReadAsync(name, cancellation);
        var body = SignedDocument.Read(document, secrets.SigningKey, name);
        if (ManifestStub.IsStub(body))
        {
            var stub = CanonicalJson.Read(body, FormatJson.Default.ManifestStub, name);
            CheckPlace(name, (stub.Vault, stub.Source, stub.Seq), source, seq);
            return (null, stub);
        }

        var manifest = CanonicalJson.Read(body, FormatJson.Default.Manifest, name);
        CheckPlace(name, (manifest.Vault, manifest.Source, manifest.Seq), source, seq);
        return (new CheckedManifest(manifest, HashOf(body), document.Length), null);
    }

    /// <summary>Leaves of an expired snapshot's manifest what the chain needs. Repeating it does nothing.</summary>
    public async Task ShrinkAsync(string source, long seq, long expiredBy, CancellationToken cancellation)
    {
        var (full, _) = await ReadAnyAsync(source, seq, cancellation);
        _remembered.TryRemove((source, seq), out _);
        if (full is null) return;
        var stub = new ManifestStub
        {
            Vault = full.Manifest.Vault,
            Source = source,
            Seq = seq,
            Parent = full.Manifest.Parent,
            Stub = new StubFacts { Sha256 = full.Sha256, ExpiredBy = expiredBy, Run = full.Manifest.Run, Time = full.Manifest.Time },
        };
        var document = SignedDocument.Write(CanonicalJson.Write(stub, FormatJson.Default.ManifestStub), secrets.SigningKey);
        await objects.PutAsync(ObjectNames.Manifest(source, seq), document, PutCondition.Replace, cancellation);
    }

    /// <summary>Numbers of all manifests behind the given one, ascending.</summary>
    public async IAsyncEnumerable<long> ListSeqsAsync(string source, long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var behind = after > 0 ? ObjectNames.Manifest(source, after) : null;
        await foreach (var head in objects.ListAsync(ObjectNames.ManifestsOf(source), behind, cancellation))
        {
            if (ObjectNames.ParseManifest(head.Name) is { } parsed) yield return parsed.Seq;
        }
    }

    /// <summary>Writes a manifest if its number is free.</summary>
    /// <exception cref="ObjectExistsException">It is not.</exception>
    public async Task<CheckedManifest> PutAsync(Manifest manifest, CancellationToken cancellation)
    {
        var body = CanonicalJson.Write(manifest, FormatJson.Default.Manifest);
        var document = SignedDocument.Write(body, secrets.SigningKey);
        await objects.PutAsync(ObjectNames.Manifest(manifest.Source, manifest.Seq), document, PutCondition.CreateOnly, cancellation);
        _newest[manifest.Source] = manifest.Seq;
        return Remember(new CheckedManifest(manifest, HashOf(body), document.Length));
    }

    /// <summary>Commits a manifest: the one create-only put that decides.</summary>
    /// <returns>Null when somebody else took the number.</returns>
    public async Task<CheckedManifest?> TryPutAsync(Manifest manifest, CancellationToken cancellation)
    {
        try
        {
            return await PutAsync(manifest, cancellation);
        }
        catch (ObjectExistsException)
        {
            return await ReadBackAsync(manifest, cancellation);
        }
        catch (ObjectStoreUnavailableException)
        {
            // The reply was lost; the effect may still come. The same body again is harmless: whichever put comes first is ours.
            return await ReadBackAsync(manifest, cancellation) ?? await PutAgainAsync(manifest, cancellation);
        }
    }

    private async Task<CheckedManifest?> PutAgainAsync(Manifest manifest, CancellationToken cancellation)
    {
        try
        {
            return await PutAsync(manifest, cancellation);
        }
        catch (ObjectExistsException)
        {
            return await ReadBackAsync(manifest, cancellation);
        }
    }

    /// <summary>Who has the number: our attempt, or (null) somebody else or nobody.</summary>
    private async Task<CheckedManifest?> ReadBackAsync(Manifest manifest, CancellationToken cancellation)
    {
        try
        {
            var standing = await ReadAsync(manifest.Source, manifest.Seq, cancellation);
            return standing.Manifest.Attempt == manifest.Attempt ? standing : null;
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A right signature on the wrong name is a manifest that was moved.</summary>
    private void CheckPlace(string name, (string Vault, string Source, long Seq) found, string source, long seq)
    {
        if (found != (secrets.Vault, source, seq)) throw new VaultDamagedException(name, 0, "It is the manifest of another snapshot.");
    }

    private static string HashOf(byte[] body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private async Task<long> FindNewestSeqAsync(string source, long after, CancellationToken cancellation)
    {
        var newest = 0L;
        await foreach (var seq in ListSeqsAsync(source, after, cancellation)) newest = seq;
        return newest;
    }

    private CheckedManifest Remember(CheckedManifest manifest)
    {
        if (_remembered.Count >= RememberedMax) _remembered.Clear();
        return _remembered[(manifest.Manifest.Source, manifest.Manifest.Seq)] = manifest;
    }
}
