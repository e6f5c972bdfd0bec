using System.Security.Cryptography;
using System.Text.Json;
using ListBackup.Vault.Attachments;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Log;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Verifying;

/// <summary>Climbs the ladder of <see cref="VerifyLevel"/> and writes down what is wrong. Remembers nothing that it did not read itself.</summary>
internal sealed class Verifier(VaultCore remembered, VerifyRequest request)
{
    // Fresh caches: a verification must see the store, not this process's memory of it.
    private readonly VaultCore _core = new(remembered.Objects, remembered.AccountKeys, remembered.Secrets, remembered.Options);
    private readonly List<VerifyProblem> _problems = [];
    private readonly List<CheckedManifest> _manifests = [];
    private readonly List<Link> _links = [];
    private RotationProgress? _rotation;
    private readonly Dictionary<string, Attachment> _attachments = new(StringComparer.Ordinal);
    private AttachmentPlans.State _attachmentPlans = AttachmentPlans.State.None;
    private readonly HashSet<SectionReference> _read = new(ReferenceEqualityComparer.Instance);
    private readonly List<(string Source, string Stream, StateToProve State)> _unproven = [];
    private long _objects, _blocks, _versions, _roots, _bytesRead;

    public async Task<VerifyReport> VerifyAsync(CancellationToken cancellation)
    {
        if (request.BudgetBytes is not null && request.Level != VerifyLevel.Blocks)
            throw new ArgumentException("A budget of bytes goes with the level of blocks.");
        await VerifyFormatAsync(cancellation);
        await VerifyChainsAsync(cancellation);
        await VerifyLogAsync(cancellation);
        await new LedgerVerifier(_core, _manifests, Report).VerifyAsync(cancellation);
        await VerifyAttachmentPlansAsync(cancellation);
        if (request.Level >= VerifyLevel.Objects)
        {
            await VerifyStreamKeysAsync(cancellation);
            await VerifyDictionariesAsync(cancellation);
            if (request.Level >= VerifyLevel.Restore) await ReadStreamsAsync(cancellation);
            await VerifySegmentsAsync(cancellation);
            await VerifyAttachmentsAsync(cancellation);
        }

        await VerifyUnprovenAsync(cancellation);
        return new VerifyReport
        {
            Level = request.Level,
            Manifests = _links.Count,
            Objects = _objects,
            Blocks = _blocks,
            Versions = _versions,
            Roots = _roots,
            BytesRead = _bytesRead,
            Rotation = _rotation,
            Problems = _problems,
        };
    }

    private async Task VerifyFormatAsync(CancellationToken cancellation)
    {
        await CheckAsync(ObjectNames.Format, () => VaultKeyFiles.CheckFormatFileAsync(_core.Objects, _core.Secrets, cancellation));
        var count = 0;
        await foreach (var head in _core.Objects.ListAsync(ObjectNames.VaultKeys, after: null, cancellation))
        {
            count++;
            await CheckAsync(head.Name, async () =>
            {
                var secrets = await VaultKeyFiles.OpenKeyFileAsync(_core.Objects, _core.AccountKeys, head.Name, cancellation);
                if (secrets.Vault != _core.Secrets.Vault || !secrets.IsSameAs(_core.Secrets)) throw new VaultDamagedException(head.Name, 0, "It holds another vault's secret.");
            });
        }

        if (count == 0) Report(ObjectNames.VaultKeys, 0, "The vault has lost its key files: nobody without the secret in memory can open it any more.");
    }

    /// <summary>V0: numbers without gaps from 1, every signature, every parent's hash.</summary>
    private async Task VerifyChainsAsync(CancellationToken cancellation)
    {
        var (source, expected, parent) = ((string?)null, 1L, (Link?)null);
        var prefix = request.Source is null ? ObjectNames.Manifests : ObjectNames.ManifestsOf(request.Source);
        await foreach (var head in _core.Objects.ListAsync(prefix, after: null, cancellation))
        {
            if (ObjectNames.ParseManifest(head.Name) is not { } parsed || ObjectNames.Manifest(parsed.Source, parsed.Seq) != head.Name)
            {
                Report(head.Name, 0, "It is no manifest by its name.");
                continue;
            }

            if (parsed.Source != source) (source, expected, parent) = (parsed.Source, 1, null);
            if (parsed.Seq != expected) Report(head.Name, 0, $"Snapshot {expected} of the chain is missing.");
            var link = await CheckAsync(head.Name, () => ReadLinkAsync(parsed.Source, parsed.Seq, cancellation));
            if (link is not null)
            {
                // Behind a damaged or missing one the link cannot be checked; that one is reported already.
                if (parsed.Seq == expected && (parent is not null || parsed.Seq == 1) && link.Parent != parent?.Sha256)
                    Report(head.Name, 0, "It does not follow from the manifest before it.");
                _links.Add(link);
                _bytesRead += head.Size;
            }

            (expected, parent) = (parsed.Seq + 1, link);
        }

        var views = Views().ToDictionary(view => view.Newest.Manifest.Source, StringComparer.Ordinal);
        foreach (var stub in _links.Where(link => link.IsStub && !(views.GetValueOrDefault(link.Source)?.IsExpired(link.Seq) ?? false)))
            Report(ObjectNames.Manifest(stub.Source, stub.Seq), 0, "It has shrunk, but the newest snapshot does not say that it has expired.");

        foreach (var known in request.Known.Where(known => request.Source is null || known.Source == request.Source))
        {
            if (!_links.Exists(link => link.Source == known.Source && link.Seq == known.Seq && link.Sha256 == known.ManifestSha256))
                Report(ObjectNames.Manifest(known.Source, known.Seq), 0, "A snapshot that is known from elsewhere is missing or another: the store may have been rolled back.");
        }
    }

    /// <summary>V0: the log is one, and every snapshot that it names is there as it was. That it lags behind the manifests is no damage.</summary>
    private async Task VerifyLogAsync(CancellationToken cancellation)
    {
        var links = _links.ToDictionary(link => (link.Source, link.Seq));
        var reports = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var log = new LogCheck(_core, Report);
        await log.CheckAsync(request.KnownCheckpoint, OnEntry, cancellation);
        _objects += log.Batches;
        _bytesRead += log.BytesRead;

        foreach (var (name, sha256) in reports) await CheckAsync(name, () => VerifyReportAsync(name, sha256, cancellation));
        await foreach (var head in _core.Objects.ListAsync(SignedReport.Folder, after: null, cancellation))
        {
            // A crash may have come between a report and its entry.
            if (!reports.ContainsKey(head.Name)) await CheckAsync(head.Name, () => VerifyReportAsync(head.Name, sha256: null, cancellation));
        }

        void OnEntry(LogEntry entry, string batch)
        {
            if (entry is { Type: LogEntryType.Report, Object: { } report }) reports[report] = entry.Sha256;
            if (entry is not { Type: LogEntryType.Manifest, Source: { } source, Seq: { } seq } || (request.Source is not null && source != request.Source)) return;
            if (links.GetValueOrDefault((source, seq))?.Sha256 != entry.Sha256)
                Report(ObjectNames.Manifest(source, seq), 0, $"The log ({batch}) names a snapshot that is missing or another: the store may have been rolled back.");
        }
    }

    private async Task VerifyReportAsync(string name, string? sha256, CancellationToken cancellation)
    {
        _objects++;
        var body = SignedDocument.Read(await _core.Objects.ReadAsync(name, cancellation), _core.Secrets.SigningKey, name);
        _bytesRead += body.Length;
        if (sha256 is not null && Convert.ToHexStringLower(SHA256.HashData(body)) != sha256) throw new VaultDamagedException(name, 0, "It is another report than the log names.");
    }

    private async Task<Link> ReadLinkAsync(string source, long seq, CancellationToken cancellation)
    {
        var (manifest, stub) = await _core.Manifests.ReadAnyAsync(source, seq, cancellation);
        if (stub is not null) return new Link(source, seq, stub.Parent, stub.Stub.Sha256, IsStub: true);
        _manifests.Add(manifest!);
        return new Link(source, seq, manifest!.Manifest.Parent, manifest.Sha256, IsStub: false);
    }

    /// <summary>Every key file opens; the newest of each stream has the epochs that are read; no file has what an erasure forgot.</summary>
    private async Task VerifyStreamKeysAsync(CancellationToken cancellation)
    {
        var forgotten = Views().SelectMany(view => (view.Newest.Manifest.Forgotten ?? []).Select(stream => (Place: (view.Newest.Manifest.Source, stream.Key), stream.Value)))
            .ToDictionary(item => item.Place, item => item.Value);
        var newest = new Dictionary<(string Source, string Stream), StreamKeys>();
        var unfinished = new HashSet<(string Source, string Stream)>();
        var prefix = request.Source is null ? ObjectNames.Keys : $"{ObjectNames.Keys}{ObjectNames.Part(request.Source)}/";
        await foreach (var head in _core.Objects.ListAsync(prefix, after: null, cancellation))
        {
            if (head.Name.StartsWith(ObjectNames.VaultKeys, StringComparison.Ordinal)) continue;
            _objects++;
            _bytesRead += head.Size;
            await CheckAsync(head.Name, async () =>
            {
                var parts = head.Name.Split('/');
                if (parts.Length != 4) throw new VaultDamagedException(head.Name, 0, "It is no key file by its name.");
                var place = (Source: Uri.UnescapeDataString(parts[1]), Stream: Uri.UnescapeDataString(parts[2]));
                var keys = StreamKeys.Read(await _core.Objects.ReadAsync(head.Name, cancellation), head.Name, place.Source, place.Stream, _core.Secrets);
                newest[place] = keys;
                if (forgotten.TryGetValue(place, out var groups) && keys.WriteForgetting(groups, _core.Secrets) is not null && unfinished.Add(place))
                    throw new VaultDamagedException(head.Name, 0, "It still has keys that an erasure must forget. Ask for that erasure again, or collect garbage.");
            });
        }

        foreach (var view in Views())
        {
            foreach (var (stream, state) in view.Newest.Manifest.Streams.Where(stream => stream.Value.KeyEpoch > 0))
            {
                // An erasure announces the number of the file that it is about to write.
                var place = (view.Newest.Manifest.Source, stream);
                if (!newest.TryGetValue(place, out var keys) || (keys.Number < state.KeyEpoch && !unfinished.Contains(place)))
                    Report(ObjectNames.StreamKeys(view.Newest.Manifest.Source, stream, state.KeyEpoch), 0, "The group keys are gone.");
            }
        }
    }

    private async Task VerifyDictionariesAsync(CancellationToken cancellation)
    {
        var verifier = new DictionaryVerifier(_core, request.Level);
        var dictionaries = Views().SelectMany(view => view.Newest.Manifest.Streams.Values).SelectMany(state => state.Dictionaries ?? []);
        foreach (var dictionary in dictionaries.DistinctBy(dictionary => (dictionary.Object, dictionary.Sha256)))
        {
            _objects++;
            await CheckAsync(dictionary.Object, async () => _bytesRead += await verifier.VerifyAsync(dictionary, cancellation));
        }
    }

    private async Task VerifySegmentsAsync(CancellationToken cancellation)
    {
        // All snapshots are read through the newest manifest; what only older ones name is garbage or will be.
        var sections = Views().SelectMany(view => view.Newest.Manifest.Streams.SelectMany(stream => stream.Value.Sections.Select(section => (view.Newest.Manifest.Source, Stream: stream.Key, Section: section))));
        var segments = sections.GroupBy(use => use.Section.Object, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        var sizes = segments.Select(segment => (segment.Key, segment.First().Section.Size)).ToList();
        var rotation = request is { BudgetBytes: not null, Level: VerifyLevel.Blocks } ? await Rotation.OpenAsync(_core, cancellation) : null;
        var chosen = rotation?.Choose(sizes, request.BudgetBytes!.Value);
        foreach (var segment in segments)
        {
            cancellation.ThrowIfCancellationRequested();
            _objects++;
            var problems = _problems.Count;
            var references = segment.Select(use => use.Section).DistinctBy(section => (section.Section, section.Sha256, section.Size, section.Footer)).ToList();
            var isRead = request.Level > VerifyLevel.Objects && chosen?.Contains(segment.Key) != false;
            await CheckAsync(segment.Key, () => isRead ? VerifyBlocksAsync(references, cancellation) : VerifyHeadAsync(references, cancellation));
            if (rotation is not null && isRead) await rotation.MarkAsync(segment.Key, references[0].Size, _problems.Count == problems, cancellation);
            for (var i = problems; i < _problems.Count; i++)
                _problems[i] = _problems[i] with { Affects = [.. segment.GroupBy(use => $"{use.Source}/{use.Stream}", StringComparer.Ordinal).Select(uses => $"{uses.Key} from snapshot {uses.Min(use => use.Section.From)}")] };
        }

        if (rotation is not null) _rotation = await rotation.FinishAsync(sizes, request.Source is null ? ObjectNames.Segments : ObjectNames.SegmentsOf(request.Source), cancellation);
    }

    private async Task VerifyHeadAsync(List<SectionReference> references, CancellationToken cancellation)
    {
        var name = references[0].Object;
        var head = await _core.Objects.HeadAsync(name, cancellation) ?? throw new ObjectNotFoundException(name);
        if (references.Exists(reference => reference.Size != head.Size)) throw new VaultDamagedException(name, 0, $"It has {head.Size} bytes; the manifest says {references[0].Size}.");
        if (head.Sha256 is not null && references.Exists(reference => reference.Sha256 != head.Sha256))
            throw new VaultDamagedException(name, 0, "Its checksum is not the one that the manifest names.");
    }

    /// <summary>Reads a segment whole, in pieces of bounded size that end where blocks end, and opens the blocks that were not opened yet.</summary>
    private async Task VerifyBlocksAsync(List<SectionReference> references, CancellationToken cancellation)
    {
        var (name, size) = (references[0].Object, references[0].Size);
        var blocks = await BlocksOfAsync(references.Where(reference => !_read.Contains(reference)), cancellation);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var reader = new BlockReader();
        var (position, next) = (0L, 0);
        while (position < size)
        {
            var first = next;
            while (next < blocks.Count && (next == first || blocks[next].End - position <= _core.Options.ReadWindowBytesMax)) next++;
            var lastEnd = Math.Max(next > first ? blocks[next - 1].End : 0, position + 1);
            var end = next < blocks.Count ? lastEnd : Math.Min(size, Math.Max(lastEnd, position + _core.Options.ReadWindowBytesMax));
            var bytes = await _core.Objects.ReadRangeAsync(name, position, checked((int)(end - position)), cancellation);
            hash.AppendData(bytes);
            _bytesRead += bytes.Length;
            // Block by block, so that one damaged block does not hide the next.
            foreach (var block in blocks[first..next]) await CheckAsync(name, () => VerifyBlock(block, bytes, position, reader, name));
            if (bytes.Length < end - position) break;
            position = end;
        }

        var tail = await _core.Objects.ReadRangeAsync(name, position, 1, cancellation);
        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (position != size || tail.Length > 0 || references.Exists(reference => reference.Sha256 != sha256 || reference.Size != size))
            Report(name, 0, "Its hash is not the one that the manifest names.");
    }

    /// <summary>The blocks that are to be opened, by their place.</summary>
    private async Task<List<SegmentBlock>> BlocksOfAsync(IEnumerable<SectionReference> references, CancellationToken cancellation)
    {
        var blocks = new List<SegmentBlock>();
        foreach (var reference in references)
        {
            var table = await _core.Sections.ReadTableAsync(reference, cancellation);
            var keys = await _core.StreamKeys.GetAsync(table.Source, table.Stream, table.KeyEpoch, cancellation);
            var (secrets, scanner) = (_core.Secrets.Stream(table.Source, table.Stream), new RecordScanner(FieldPaths.Parse([], []), []));
            // What must not be read need not open; its key may be forgotten. Its bytes are in the object's hash.
            blocks.AddRange(table.Blocks.Where(entry => reference.Without?.Contains(entry.Group) != true)
                .Select(entry => new SegmentBlock(entry, table, keys, secrets, scanner)));
        }

        blocks.Sort((one, other) => one.Entry.Offset.CompareTo(other.Entry.Offset));
        return blocks;
    }

    private Task VerifyBlock(SegmentBlock block, byte[] bytes, long start, BlockReader reader, string name)
    {
        var (entry, table) = (block.Entry, block.Table);
        var lines = SectionStore.OpenPassing(reader, Slice(bytes, start, entry, name), entry, block.Keys, table, name);
        foreach (var line in Block.LinesOf(lines, entry, name)) VerifyLine(line, entry, table, block.Secrets, block.Scanner, name);
        _blocks++;
        return Task.CompletedTask;
    }

    private void VerifyLine(RecordLine line, BlockEntry entry, SectionTable table, StreamSecrets secrets, RecordScanner scanner, string name)
    {
        LinePlace.Check(line, entry, table, secrets, name);
        if (line.Json is { } json && scanner.Scan(json.Span, schema: null) != RecordProblem.None)
            throw new VaultDamagedException(name, entry.Offset, "A record is no JSON object.");
        foreach (var attachment in line.Attachments) _attachments.TryAdd(attachment.Name, attachment);
        _versions++;
    }

    /// <summary>V0: the plans of attachments are a chain and reach as far as the manifests say; what a source registered with is its name.</summary>
    private async Task VerifyAttachmentPlansAsync(CancellationToken cancellation)
    {
        // Behind a damaged plan nothing is known; the names of attachments are then held against what is.
        _attachmentPlans = await CheckAsync(ObjectNames.AttachmentPlans, () => new AttachmentPlans(_core).ReadAsync(cancellation)) ?? _attachmentPlans;
        foreach (var manifest in _manifests.Where(manifest => manifest.Manifest.AttachmentPlan > _attachmentPlans.Seq))
            Report(ObjectNames.AttachmentPlan(manifest.Manifest.AttachmentPlan!.Value), 0, $"Snapshot {manifest.Manifest.Seq} of source {manifest.Manifest.Source} names this plan of attachments, and it is missing.");
        await foreach (var head in _core.Objects.ListAsync(ObjectNames.AttachmentSources, after: null, cancellation))
        {
            await CheckAsync(head.Name, async () =>
            {
                var source = ObjectNames.ParseAttachmentSource(head.Name);
                if (!(await _core.Objects.ReadAsync(head.Name, cancellation)).AsSpan().SequenceEqual(AttachmentPlans.RegistrationOf(source)))
                    throw new VaultDamagedException(head.Name, 0, "It is not what a source makes itself known with.");
            });
        }
    }

    /// <summary>Every attachment that a stored version names is read to its end.</summary>
    private async Task VerifyAttachmentsAsync(CancellationToken cancellation)
    {
        foreach (var attachment in _attachments.Values.OrderBy(attachment => attachment.Name, StringComparer.Ordinal))
        {
            _objects++;
            await CheckAsync(ObjectNames.Attachment(attachment.Name), async () =>
            {
                if (!AttachmentPlans.IsNameOf(_core.Secrets, _attachmentPlans, attachment)) throw new VaultDamagedException(ObjectNames.Attachment(attachment.Name), 0, "It is not the name of its content.");
                await using var content = await new AttachmentStore(_core).OpenAsync(attachment, cancellation);
                await content.CopyToAsync(Stream.Null, cancellation);
                _bytesRead += AttachmentFile.StoredSize(attachment.Size);
            });
        }
    }

    /// <summary>
    /// V2 and V3 in one: every distinct state is read as a restore reads it, the states of a stream in one reading, which holds each line against its place on
    /// the way. Of a stream that is not whole it tells nothing; then the blocks are opened one by one, and each state alone, to say what is damaged and what is not.
    /// </summary>
    private async Task ReadStreamsAsync(CancellationToken cancellation)
    {
        foreach (var states in StatesToProve().GroupBy(item => (item.Source, item.Stream), item => item.State))
        {
            var (source, stream) = states.Key;
            if (await TryReadAsync(source, stream, [.. states], cancellation) is not { Wrong.Count: 0 } reading)
            {
                _unproven.AddRange(states.Select(state => (source, stream, state)));
                continue;
            }

            _read.UnionWith(reading.Sections);
            foreach (var (name, attachment) in reading.Attachments) _attachments.TryAdd(name, attachment);
            _roots += states.Count();
            _blocks += reading.Blocks;
            _versions += reading.Versions;
            _bytesRead += reading.Bytes;
        }
    }

    private IEnumerable<(string Source, string Stream, StateToProve State)> StatesToProve()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var views = Views().ToDictionary(view => view.Newest.Manifest.Source, StringComparer.Ordinal);
        foreach (var manifest in _manifests.Where(manifest => request.Seq is null || manifest.Manifest.Seq == request.Seq))
        {
            var (source, view) = (manifest.Manifest.Source, views[manifest.Manifest.Source]);
            if (view.IsExpired(manifest.Manifest.Seq)) continue;
            foreach (var (stream, state) in manifest.Manifest.Streams)
            {
                // Between two snapshots with the same reading of the stream no version came; they are the same state of the same sections.
                var identity = $"{source}\0{stream}\0{state.Root}\0{state.ReadSeq}\0{string.Join('\0', view.Get(manifest.Manifest, stream).Sections.Select(section => section.Section))}";
                if (seen.Add(identity)) yield return (source, stream, new StateToProve(view, manifest.Manifest, state));
            }
        }
    }

    private async Task<StreamReading?> TryReadAsync(string source, string stream, IReadOnlyList<StateToProve> states, CancellationToken cancellation)
    {
        try
        {
            return await new RootVerifier(_core, source, stream).VerifyAsync(states, cancellation);
        }
        catch (Exception exception) when (exception is VaultException or ObjectNotFoundException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>V3 of what is not whole: alone, so that what is damaged in one state does not hide that others are whole.</summary>
    private async Task VerifyUnprovenAsync(CancellationToken cancellation)
    {
        foreach (var (source, stream, state) in _unproven)
        {
            var name = ObjectNames.Manifest(source, state.Manifest.Seq);
            await CheckAsync(name, async () =>
            {
                var reading = await new RootVerifier(_core, source, stream).VerifyAsync([state], cancellation);
                if (reading.Wrong.Count > 0) throw new VaultDamagedException(name, 0, $"Stream {stream} restores to other records than the {state.State.Live} that the manifest names.");
                _roots++;
                _bytesRead += reading.Bytes;
            });
        }
    }

    /// <summary>How each source is read: through the newest manifest that is whole.</summary>
    private IEnumerable<SourceView> Views() =>
        _manifests.GroupBy(manifest => manifest.Manifest.Source, StringComparer.Ordinal).Select(manifests => new SourceView(manifests.MaxBy(manifest => manifest.Manifest.Seq)!));

    private static ReadOnlySpan<byte> Slice(byte[] bytes, long start, BlockEntry entry, string name) =>
        entry.Offset >= start && entry.Length >= 0 && entry.Offset - start + entry.Length <= bytes.Length
            ? bytes.AsSpan((int)(entry.Offset - start), entry.Length)
            : throw new VaultDamagedException(name, entry.Offset, "The object ends before what it should hold.");

    private async Task CheckAsync(string name, Func<Task> check) =>
        await CheckAsync(name, async () =>
        {
            await check();
            return name;
        });

    /// <summary>Runs a check; damage becomes a problem and null. Outages and cancellation pass through.</summary>
    private async Task<T?> CheckAsync<T>(string name, Func<Task<T>> check) where T : class
    {
        try
        {
            return await check();
        }
        catch (VaultDamagedException exception)
        {
            Report(exception.ObjectName, exception.Offset, exception.Message);
        }
        catch (ObjectNotFoundException exception)
        {
            Report(exception.Name, 0, "It is gone.");
        }
        catch (Exception exception) when (exception is VaultException or JsonException or CryptographicException)
        {
            Report(name, 0, exception is VaultException ? exception.Message : "It does not open.");
        }

        return null;
    }

    private void Report(string name, long offset, string message)
    {
        if (_problems.Count < VerifyReport.ProblemsMax) _problems.Add(new VerifyProblem(name, offset, message));
    }

    /// <summary>A block with what opens and checks it.</summary>
    private sealed record SegmentBlock(BlockEntry Entry, SectionTable Table, StreamKeys Keys, StreamSecrets Secrets, RecordScanner Scanner)
    {
        public long End => Entry.Offset + Entry.Length;
    }

    /// <summary>A manifest in its chain, or what is left of it.</summary>
    private sealed record Link(string Source, long Seq, string? Parent, string Sha256, bool IsStub);
}
