using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Vault;

namespace ListBackup.Testing;

/// <summary>The plain way back: everything that is in a snapshot and not on the platform, or differs there, in the order that the restore manifest gives.</summary>
public static class RestoreUnderTest
{
    /// <returns>What was written, or refused. A record that is live and equal is not among them.</returns>
    public static async Task<IReadOnlyList<RestoredRecord>> RestoreAsync(
        this ConnectorUnderTest connector, VaultUnderTest vault, Snapshot snapshot, NewIds ids, bool bringsConsentBack = false)
    {
        var outcomes = new List<RestoredRecord>();
        // A platform's hour may be over in the middle of a restore. The service comes back later; here the wait moves the clock.
        var restore = await connector.Restore.ForAsync(connector.Config, connector.Ports, TestContext.Current.CancellationToken);
        var target = restore.Target(connector.Config, connector.Ports with { WaitMax = TimeSpan.FromHours(1) });
        foreach (var stream in restore.Streams.Where(stream => snapshot.Streams.Any(backedUp => backedUp.Stream == stream.Name)))
        {
            var wanted = new List<(ListBackup.Vault.Record Record, WriteRequest Request)>();
            // Records that refer to one another are looked for when the new ids of those before are known.
            var together = stream.References.Any(reference => reference.Stream == stream.Name) ? 1 : stream.FindSize;
            foreach (var page in InOrder(stream, await vault.RecordsAsync(snapshot, stream.Name)).Chunk(together))
            {
                var restored = new List<RestoreRecord>();
                foreach (var record in page) restored.Add(new(record.Json, ids) { Newer = await NewerAsync(vault, snapshot, stream, record.Key), BringsConsentBack = bringsConsentBack });
                var found = (await target.FindManyAsync(stream.Name, restored, TestContext.Current.CancellationToken)).Records;
                for (var at = 0; at < page.Length; at++)
                {
                    Remember(ids, stream, page[at], found[at].LiveId);
                    if (found[at].NeverCreated is { } why) outcomes.Add(new(stream.Name, page[at].Key, new WriteOutcome { Result = WriteResult.Refused, Reason = why }));
                    else if (found[at].State != LiveState.Same) wanted.Add((page[at], Write(stream, page[at], restored[at], found[at])));
                }

                if (stream.BatchSize == 1) await FlushAsync(target, stream, wanted, ids, outcomes);
            }

            wanted.Sort((one, other) => one.Request.Kind.CompareTo(other.Request.Kind));
            await FlushAsync(target, stream, wanted, ids, outcomes);
        }

        return outcomes;
    }

    /// <summary>Records that refer to one another after those they refer to. What goes in a circle is left to the service, which writes twice.</summary>
    private static IEnumerable<ListBackup.Vault.Record> InOrder(RestoreStreamInfo stream, IReadOnlyList<ListBackup.Vault.Record> records)
    {
        var own = stream.References.Where(reference => reference.Stream == stream.Name).ToList();
        if (own.Count == 0) return records;
        var byKey = records.ToDictionary(record => record.Key, StringComparer.Ordinal);
        var order = new RecordOrder();
        foreach (var record in records)
        {
            using var document = JsonDocument.Parse(record.Json);
            order.Add(record.Key, IdOf(document.RootElement, stream.Id) ?? record.Key, [.. own.Select(reference => IdOf(document.RootElement, reference.Field)).OfType<string>()]);
        }

        return order.InOrder().Select(record => byKey[record.Key]);
    }

    private static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> NewerAsync(VaultUnderTest vault, Snapshot snapshot, RestoreStreamInfo stream, string key)
    {
        if (!stream.NeedsNewer) return [];
        var history = await vault.Vault.GetHistoryAsync(VaultUnderTest.Source, stream.Name, key, TestContext.Current.CancellationToken);
        return [.. history.Where(version => version.Seq > snapshot.Seq && version.Json is not null).Reverse().Select(version => version.Json!.Value)];
    }

    private static async Task FlushAsync(
        RestoreTarget target, RestoreStreamInfo stream, List<(ListBackup.Vault.Record Record, WriteRequest Request)> wanted, NewIds ids, List<RestoredRecord> outcomes)
    {
        var at = 0;
        await foreach (var outcome in target.WriteManyAsync(wanted.Select(write => write.Request).ToAsyncEnumerable(), TestContext.Current.CancellationToken))
        {
            var record = wanted[at++].Record;
            Remember(ids, stream, record, outcome.NewId);
            outcomes.Add(new RestoredRecord(stream.Name, record.Key, outcome));
        }

        wanted.Clear();
    }

    private static WriteRequest Write(RestoreStreamInfo stream, ListBackup.Vault.Record record, RestoreRecord restored, LiveCounterpart live) => new()
    {
        Stream = stream.Name,
        Kind = Kind(stream, live.State),
        Record = restored,
        LiveId = live.LiveId,
        LiveJson = live.Json,
        IdempotencyKey = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{stream.Name} {record.Key}"))),
    };

    private static WriteKind Kind(RestoreStreamInfo stream, LiveState state) => state == LiveState.Missing
        ? stream.CanCreate || !stream.CanUpsert ? WriteKind.Create : WriteKind.Upsert
        : stream.CanUpdate || !stream.CanUpsert ? WriteKind.Update : WriteKind.Upsert;

    /// <summary>A record may be found again under another id than it had (by its natural key), which those that refer to it need to know as well.</summary>
    private static void Remember(NewIds ids, RestoreStreamInfo stream, ListBackup.Vault.Record record, string? liveId)
    {
        using var document = JsonDocument.Parse(record.Json);
        if (liveId is not null && IdOf(document.RootElement, stream.Id) is { } old && old != liveId) ids.Add(stream.Name, old, liveId);
    }

    private static string? IdOf(JsonElement record, FieldPath id)
    {
        foreach (var key in id.Keys)
        {
            if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty(key, out record)) return null;
        }

        return record.ValueKind switch
        {
            JsonValueKind.String => record.GetString(),
            JsonValueKind.Number => record.GetRawText(),
            _ => null,
        };
    }
}

/// <summary>What a restore did with one record.</summary>
public sealed record RestoredRecord(string Stream, string Key, WriteOutcome Outcome);
