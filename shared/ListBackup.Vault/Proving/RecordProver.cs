using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Log;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Proving;

/// <summary>Makes the files that prove one record in one snapshot to somebody who has none of the vault's keys.</summary>
internal sealed class RecordProver(VaultCore core, string source, string stream, string key)
{
    public async Task<RecordProof> ProveAsync(long? at, CancellationToken cancellation)
    {
        var view = await SourceView.OpenAsync(core, source, cancellation);
        var manifest = at is { } seq ? await view.GetManifestAsync(core, seq, cancellation) : view.Newest;
        var (state, secrets) = (view.Get(manifest.Manifest, stream).State, core.Secrets.Stream(source, stream));
        var record = await new SnapshotReader(core, view, manifest).FindAsync(stream, key, cancellation)
            ?? throw new VaultNotFoundException($"Snapshot {manifest.Manifest.Seq} of source {source} has no record of this key in stream {stream}.");

        var index = await core.Indexes.RebuildAsync(view, manifest.Manifest, stream, state.VolatileFields, cancellation);
        var name = ObjectNames.Manifest(source, manifest.Manifest.Seq);
        if (index.Root != state.Root) throw new VaultDamagedException(name, 0, $"Stream {stream} restores to other records than the manifest names.");
        var proof = index.Prove(index.Find(secrets.HashKey(key)));
        var (canonical, recordHash) = HashOf(record, state, secrets);
        var (entry, checkpoint, logIndex, logPath) = await ProveLoggedAsync(manifest, cancellation);

        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["README.txt"] = Encoding.UTF8.GetBytes(Readme(manifest.Manifest, state)),
            ["record.json"] = record.Json.ToArray(),
            ["record.canonical.json"] = canonical,
            ["leaf.bin"] = proof.Pairs,
            ["manifest.json"] = await core.Objects.ReadAsync(name, cancellation),
            ["log-entry.json"] = entry,
            ["checkpoint"] = checkpoint,
            ["public-key.pem"] = PublicKey(),
        };
        var document = new ProofDocument
        {
            Vault = core.Secrets.Vault,
            Source = source,
            Stream = stream,
            Seq = manifest.Manifest.Seq,
            Time = manifest.Manifest.Time,
            Salt = Convert.ToHexStringLower(secrets.HashSalt),
            RecordHash = recordHash,
            Live = state.Live,
            Pair = proof.Pair,
            Leaf = proof.Leaf,
            Path = [.. proof.Path.Select(Convert.ToHexStringLower)],
            LogIndex = logIndex.Index,
            LogSize = logIndex.Size,
            LogPath = logPath,
            Files = new SortedDictionary<string, string>(files.ToDictionary(file => file.Key, file => Convert.ToHexStringLower(SHA256.HashData(file.Value))), StringComparer.Ordinal),
        };
        files["proof.json"] = SignedDocument.Write(CanonicalJson.Write(document, FormatJson.Default.ProofDocument), core.Secrets.SigningKey);
        return new RecordProof(source, stream, manifest.Manifest.Seq, manifest.Manifest.Time, files);
    }

    private static (byte[] Canonical, string Hash) HashOf(Record record, StreamState state, StreamSecrets secrets)
    {
        var scanner = new RecordScanner(FieldPaths.Parse([], state.VolatileFields), secrets.HashSalt);
        if (scanner.Scan(record.Json.Span, schema: null) != RecordProblem.None) throw new VaultException("A stored record is no JSON object.");
        var hash = new byte[Hash128.ByteCount];
        scanner.Hash().Write(hash);
        return (scanner.Canonical.ToArray(), Convert.ToHexStringLower(hash));
    }

    /// <summary>The snapshot's entry in the log and what leads from it to a fresh checkpoint, from the tiles alone; from tiles made anew where those in the store are damaged.</summary>
    private async Task<(byte[] Entry, byte[] Checkpoint, (long Index, long Size) Place, IReadOnlyList<string> Path)> ProveLoggedAsync(
        CheckedManifest manifest, CancellationToken cancellation)
    {
        var wanted = LogEntry.Manifest(source, manifest.Manifest.Seq, manifest.Sha256).Write();
        var checkpoint = await LogPublisher.PublishAsync(core, cancellation);
        if (await TryProveAsync(wanted, checkpoint, cancellation) is not { } proof)
        {
            checkpoint = await LogPublisher.RepublishAsync(core, cancellation);
            proof = await TryProveAsync(wanted, checkpoint, cancellation)
                ?? throw new VaultDamagedException(ObjectNames.Manifest(source, manifest.Manifest.Seq), 0, "The log does not name this snapshot, or names another in its place.");
        }

        return (wanted, checkpoint.Note, (proof.Index, checkpoint.Size), [.. proof.Path.Select(Convert.ToHexStringLower)]);
    }

    private async Task<(long Index, IReadOnlyList<byte[]> Path)?> TryProveAsync(byte[] wanted, LogCheckpoint checkpoint, CancellationToken cancellation)
    {
        try
        {
            var tiles = new LogTiles(core.Objects, checkpoint.Size);
            if (await tiles.FindAsync(wanted, cancellation) is not { } index) return null;
            var path = await LogTree.InclusionAsync(tiles, index, checkpoint.Size, cancellation);
            return LogTree.IsIncluded(LogTree.Leaf(wanted), index, checkpoint.Size, path, Convert.FromHexString(checkpoint.Root)) ? (index, path) : null;
        }
        catch (VaultDamagedException)
        {
            return null;
        }
    }

    private byte[] PublicKey()
    {
        lock (core.Secrets.SigningKey) return Encoding.ASCII.GetBytes(core.Secrets.SigningKey.ExportSubjectPublicKeyInfoPem() + "\n");
    }

    private string Readme(Manifest manifest, StreamState state) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
        What this folder proves

        That the record in record.json was in snapshot {manifest.Seq} of source "{source}", stream "{stream}", which the backup
        program committed on {manifest.Time:u} by its own clock, and that this snapshot is in the account's log.
        The id of the account's vault is {manifest.Vault}. It does not prove to an outsider that the clock was right; for that, somebody
        else must have kept the checkpoint, or a later one, at that time.

        How to check it, without us and without the network

        Run scripts/verify-proof.sh of ListBackup on this folder (a short shell script; it needs openssl, jq and the usual tools). Give it the
        public key that you got on another way; the key in this folder proves nothing about who made it. What the script does:

        1. proof.json is signed with the key and names the hash of every other file here, so no file was changed.
        2. record.canonical.json is the record with its members sorted and without spaces{(state.VolatileFields.Count == 0 ? "" : ", and without its volatile fields (" + string.Join(", ", state.VolatileFields) + ")")}.
           The hash of the secret salt and these bytes is the record's hash.
        3. That hash is in leaf.bin, a part of the list of all {state.Live} records' hashes; the path in proof.json leads from it to the state's root.
        4. manifest.json, the signed description of the snapshot, names that root.
        5. log-entry.json is the manifest's hash; the path in proof.json leads from it to the root of the log in checkpoint, which is signed too.

        What is proven are all fields and values of the record, numbers as they were written. Spaces{(state.VolatileFields.Count == 0 ? "" : ", the volatile fields")} and the order of
        members are shown as they are stored, but are not part of the record's hash.

        What this folder reveals besides the record

        - The salt of this stream's hashes. Whoever has this folder can check guesses of the complete contents of other records whose hashes are in
          leaf.bin (about a thousand at most, no more than there are records), not read them. A record that can be guessed, say one with few
          fields of few values, should be taken for disclosed.
        - The manifest: names of the source's streams and of their fields, numbers of records, cursors and technical names. No contents of records.
        Give this folder to those only who may know that much.

        """);
}
