using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Opens what an export is of.</summary>
public sealed class ExportContents(RunStore runs, AccountVaults vaults, ExportMasks masks, TimeProvider clock)
{
    public async Task<ExportContent> OpenAsync(Job job, CancellationToken cancellation)
    {
        var vault = await vaults.OpenAsync(job.AccountId, cancellation);
        var reader = await vault.OpenSnapshotAsync(job.SourceId.ToString(), job.Export!.Seq, cancellation); // An export job is made with it.
        return new(job, (await runs.GetSourceAsync(job.AccountId, job.SourceId, cancellation)).Value, vault, reader, masks, clock);
    }
}

/// <summary>The streams of one export: its snapshot, or what changed since another, less what is filtered out, masked where that was asked.</summary>
public sealed class ExportContent(Job job, Source source, BackupVault vault, SnapshotReader reader, ExportMasks masks, TimeProvider clock)
{
    /// <summary>What a record of differences has.</summary>
    private static readonly IReadOnlyList<string> DifferenceFields = ["after", "before", "change", "changedFields", "key"];

    public Snapshot Snapshot => reader.Snapshot;

    /// <summary>Differences come in no order of keys, so that they cannot be taken up in their midst.</summary>
    public bool GoesOn => job.Export!.FromSeq is null;

    /// <summary>One stream; it ends early when <paramref name="part"/> does.</summary>
    public async Task<ExportedStream> StreamAsync(string name, ExportPart part, CancellationToken cancellation)
    {
        var mask = job.Export!.Mask == ExportMask.Pii ? await masks.OfAsync(source, name, cancellation) : null;
        var fields = job.Export.FromSeq is null ? ColumnNames.FieldsOf(reader.SchemaOf(name)) : DifferenceFields;
        return new(name, fields, stop => ReadAsync(name, part, mask, stop));
    }

    private async IAsyncEnumerable<Record> ReadAsync(string name, ExportPart part, RecordMask? mask, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var records = job.Export!.FromSeq is { } from
            ? DifferencesAsync(name, from, mask, cancellation)
            : reader.ReadSortedAsync(name, new RecordSelection { Filters = RecordFilters.Parse(job.Export.Filter), Contains = job.Export.Q, AfterKey = part.AfterKey }, cancellation);
        await foreach (var record in part.UntilAsync(records, clock, cancellation))
            yield return mask is null || job.Export.FromSeq is not null ? record : mask.Apply(record);
    }

    private async IAsyncEnumerable<Record> DifferencesAsync(string name, long from, RecordMask? mask, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var difference in vault.DiffAsync(job.SourceId.ToString(), name, from, job.Export!.Seq, cancellation))
        {
            var (before, after) = (Masked(difference.Before), Masked(difference.After));
            var key = (after ?? before)!.Key; // A difference has at least one of the two.
            yield return new(key, job.Export.Seq, Json(key, difference, before, after));
        }

        Record? Masked(Record? record) => record is null || mask is null ? record : mask.Apply(record);
    }

    private static ReadOnlyMemory<byte> Json(string key, RecordDifference difference, Record? before, Record? after)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("key", key);
            writer.WriteString("change", ApiText.Of(difference.Kind));
            writer.WriteStartArray("changedFields");
            foreach (var field in difference.ChangedFields) writer.WriteStringValue(field);
            writer.WriteEndArray();
            Write("before", before);
            Write("after", after);
            writer.WriteEndObject();

            void Write(string name, Record? record)
            {
                writer.WritePropertyName(name);
                if (record is null) writer.WriteNullValue();
                else writer.WriteRawValue(record.Json.Span, skipInputValidation: true);
            }
        }
        return output.WrittenMemory;
    }
}

/// <summary>One file's part of a stream: from behind a key, until the time is up.</summary>
public sealed class ExportPart(string? afterKey, DateTimeOffset? deadline)
{
    public string? AfterKey => afterKey;

    /// <summary>The last record that was given out.</summary>
    public string? LastKey { get; private set; }

    /// <summary>The time was up before the records were.</summary>
    public bool WasCut { get; private set; }

    public async IAsyncEnumerable<Record> UntilAsync(IAsyncEnumerable<Record> records, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var record in records.WithCancellation(cancellation))
        {
            if (deadline is { } end && clock.GetUtcNow() >= end)
            {
                WasCut = true;
                yield break;
            }
            LastKey = record.Key;
            yield return record;
        }
    }
}
