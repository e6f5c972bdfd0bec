using System.Runtime.InteropServices;
using System.Text;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Verifying;

/// <summary>A state of a stream whose root is to be computed again.</summary>
/// <param name="View">How the source is read.</param>
/// <param name="Manifest">The snapshot whose state it is.</param>
/// <param name="State">What its manifest says of the stream.</param>
internal sealed record StateToProve(SourceView View, Manifest Manifest, StreamState State);

/// <summary>
/// Computes the roots of many states of one stream in one reading (V3): each group is opened once, each version hashed once, and every
/// state takes of each key the newest version that it may see. Memory is some windows of groups and one leaf for each state.
/// </summary>
internal sealed class RootVerifier(VaultCore core, string source, string stream)
{
    private readonly StreamSecrets _secrets = core.Secrets.Stream(source, stream);
    private readonly Dictionary<string, LiveHasher> _hashers = new(StringComparer.Ordinal);

    /// <summary>Bytes of the sections that were read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Whether each state restores to the records that its manifest names, in the order of the states.</summary>
    /// <exception cref="VaultException">Something that the newest of them needs is damaged; another may still be whole.</exception>
    public async Task<IReadOnlyList<bool>> VerifyAsync(IReadOnlyList<StateToProve> states, CancellationToken cancellation)
    {
        var proofs = states.Select(state => new Proof(state.Manifest.Seq, state.State, HasherOf(state.State.VolatileFields))).ToList();
        // The newest state's sections are those of all others and more.
        var newest = states.MaxBy(state => state.Manifest.Seq)!;
        var view = newest.View.Get(newest.Manifest, stream);
        BytesRead = view.Sections.Sum(section => section.Bytes);
        var reader = await GroupReader.OpenAsync(core, view, cancellation);
        await foreach (var group in reader.ReadAsync(0, cancellation)) Take(group, proofs);
        return [.. proofs.Select(proof => proof.Root.Finish() == proof.State.Root)];
    }

    private LiveHasher HasherOf(IReadOnlyList<string> volatileFields)
    {
        var id = RedactedHashes.IdOf(volatileFields);
        return _hashers.TryGetValue(id, out var hasher) ? hasher : _hashers[id] = new LiveHasher(_secrets, volatileFields);
    }

    private void Take(GroupVersions group, List<Proof> proofs)
    {
        var keys = new Dictionary<Hash128, List<HashedVersion>>(group.Versions.Count);
        foreach (var version in group.Versions)
        {
            ref var versions = ref CollectionsMarshal.GetValueRefOrAddDefault(keys, version.Line.KeyHash ?? _secrets.HashKey(Encoding.UTF8.GetBytes(version.Line.Key)), out _);
            (versions ??= new(1)).Add(new HashedVersion(version));
        }

        foreach (var (keyHash, versions) in keys.OrderBy(item => item.Key))
        {
            foreach (var proof in proofs)
            {
                if (NewestUpTo(proof.Seq, versions)?.HashBy(proof.Hasher) is { } recordHash) proof.Root.Add(keyHash, recordHash);
            }
        }
    }

    /// <summary>Of equal seqs the later in the list counts.</summary>
    private static HashedVersion? NewestUpTo(long seq, List<HashedVersion> versions)
    {
        HashedVersion? newest = null;
        foreach (var version in versions)
        {
            if (version.Seq <= seq && (newest is null || version.Seq >= newest.Seq)) newest = version;
        }

        return newest;
    }

    private sealed record Proof(long Seq, StreamState State, LiveHasher Hasher)
    {
        public StateRoot.Builder Root { get; } = new(State.Live);
    }

    /// <summary>A version with its record hash, once somebody has asked for it; states rarely differ in their volatile fields.</summary>
    private sealed class HashedVersion(StoredVersion version)
    {
        private LiveHasher? _hasher;
        private Hash128? _hash;

        public long Seq => version.Seq;

        public Hash128? HashBy(LiveHasher hasher)
        {
            if (!ReferenceEquals(_hasher, hasher)) (_hash, _hasher) = (hasher.HashOf(version.Line), hasher);
            return _hash;
        }
    }
}
