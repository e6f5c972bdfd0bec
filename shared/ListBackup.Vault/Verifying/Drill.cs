using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ListBackup.Vault.Attachments;
using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Verifying;

/// <summary>
/// Restores a random stream of a random snapshot as a person in need would: from the store alone, into scratch, and counts and hashes what came out of
/// scratch. Memory is a window of groups, whatever the stream's size.
/// </summary>
internal sealed class Drill(VaultCore remembered, DrillRequest request)
{
    // Fresh caches: a drill must see the store, not this process's memory of it.
    private readonly VaultCore _core = new(remembered.Objects, remembered.AccountKeys, remembered.Secrets, remembered.Options);
    private long _records, _redacted, _bytes, _bytesReadBack, _attachments, _attachmentBytes;

    public async Task<DrillReport> RunAsync(CancellationToken cancellation)
    {
        if (request.Seed is < 0) throw new ArgumentException("A seed is not negative.");
        var seed = request.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        var (view, manifest, stream) = await ChooseAsync(new Random(seed), cancellation);
        var state = manifest.Streams[stream];
        var (root, problem) = ((string?)null, (string?)null);
        try
        {
            using var scratch = new DrillScratch(_core.Options.SpillFolder ?? Path.GetTempPath());
            await RestoreAsync(view.Get(manifest, stream), scratch, cancellation);
            root = RootOf(scratch, manifest.Source, stream, state, cancellation);
            if (root != state.Root) problem = "Other records came back than the snapshot names.";
        }
        catch (Exception exception) when (exception is VaultException or ObjectNotFoundException)
        {
            // What a drill is for: the damage is its result. An outage is none, and flies on.
            problem = exception.Message;
        }
        catch (JsonException)
        {
            problem = "A stored record is malformed.";
        }

        return new DrillReport
        {
            Seed = seed,
            Source = manifest.Source,
            Seq = manifest.Seq,
            Stream = stream,
            Live = state.Live,
            StateRoot = state.Root,
            Records = _records,
            Redacted = _redacted,
            Bytes = _bytes,
            BytesReadBack = _bytesReadBack,
            Attachments = _attachments,
            AttachmentBytes = _attachmentBytes,
            RestoredRoot = root,
            Problem = problem,
        };

        async Task RestoreAsync(StreamView streamView, DrillScratch scratch, CancellationToken stop)
        {
            var (secrets, hasher) = (_core.Secrets.Stream(manifest.Source, stream), new LiveHasher(_core.Secrets.Stream(manifest.Source, stream), state.VolatileFields));
            var (store, seen) = (new AttachmentStore(_core), new HashSet<string>(StringComparer.Ordinal));
            var reader = await GroupReader.OpenAsync(_core, streamView, stop);
            await foreach (var group in reader.ReadAsync(0, stop))
            {
                // Groups come in the order of the key hashes; a root wants the records in that order, too.
                foreach (var (keyHash, line) in group.Newest().Values.Select(version => version.Line).Where(line => line.IsLive)
                    .Select(line => (line.KeyHash ?? secrets.HashKey(Encoding.UTF8.GetBytes(line.Key)), line)).OrderBy(item => item.Item1))
                {
                    foreach (var attachment in line.Attachments.Where(attachment => seen.Add(attachment.Name))) await ReadAsync(store, attachment, stop);
                    if (line.Json is { } json)
                    {
                        (_records, _bytes) = (_records + 1, _bytes + json.Length);
                        scratch.Write(new DrillRow(line.Key, json, line.Attachments, null));
                    }
                    else if (hasher.HashOf(line) is { } hash)
                    {
                        _redacted++;
                        scratch.Write(new DrillRow(null, null, [], (keyHash, hash)));
                    }
                }
            }
        }
    }

    private async Task<(SourceView View, Manifest Manifest, string Stream)> ChooseAsync(Random random, CancellationToken cancellation)
    {
        var sources = new SortedSet<string>(StringComparer.Ordinal);
        if (request.Source is { } only) sources.Add(only);
        else await foreach (var head in _core.Objects.ListAsync(ObjectNames.Manifests, after: null, cancellation)) if (ObjectNames.ParseManifest(head.Name) is { } parsed) sources.Add(parsed.Source);
        if (sources.Count == 0) throw new VaultNotFoundException("The vault has no snapshot that could be restored.");
        var source = sources.ElementAt(random.Next(sources.Count));
        var view = await SourceView.OpenAsync(_core, source, cancellation);
        var seqs = new List<long>();
        for (var seq = 1L; seq <= view.Newest.Manifest.Seq; seq++) if (!view.IsExpired(seq)) seqs.Add(seq);
        var manifest = (await view.GetManifestAsync(_core, seqs[random.Next(seqs.Count)], cancellation)).Manifest;
        // An empty stream proves little, so one is chosen only where there is nothing else.
        var streams = manifest.Streams.Where(stream => stream.Value.Live > 0).Select(stream => stream.Key).ToList();
        if (streams.Count == 0) streams = [.. manifest.Streams.Keys];
        if (streams.Count == 0) throw new VaultNotFoundException($"Snapshot {manifest.Seq} of source {source} has no stream.");
        return (view, manifest, streams[random.Next(streams.Count)]);
    }

    /// <summary>The root of what scratch gives back; null when it is another number of records than is live.</summary>
    private string? RootOf(DrillScratch scratch, string source, string stream, StreamState state, CancellationToken cancellation)
    {
        var (hasher, root) = (new LiveHasher(_core.Secrets.Stream(source, stream), state.VolatileFields), new StateRoot.Builder(state.Live));
        foreach (var row in scratch.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (row.Redacted is var (keyHash, recordHash))
            {
                root.Add(keyHash, recordHash);
                continue;
            }

            _bytesReadBack += row.Json!.Value.Length;
            var line = new RecordLine(row.Key!, null, RecordOperation.Put, row.Json) { Attachments = row.Attachments };
            root.Add(hasher.HashKey(Encoding.UTF8.GetBytes(row.Key!)), hasher.HashOf(line)!.Value);
        }

        return root.Finish();
    }

    private async Task ReadAsync(AttachmentStore store, Attachment attachment, CancellationToken cancellation)
    {
        await using var content = await store.OpenAsync(attachment, cancellation);
        // It holds the content against its hash at the end, so to the end it must be read.
        await content.CopyToAsync(Stream.Null, cancellation);
        (_attachments, _attachmentBytes) = (_attachments + 1, _attachmentBytes + attachment.Size);
    }
}
