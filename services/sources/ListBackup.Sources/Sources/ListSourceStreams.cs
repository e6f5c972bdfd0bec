using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>A stream that a source can back up, and what can be done with it.</summary>
public sealed record SourceStreamView
{
    public required string Name { get; init; }
    public string? Title { get; init; }
    public required bool Selected { get; init; }
    public IReadOnlyList<string> ExcludedFields { get; init; } = [];

    /// <summary>JSON Pointers.</summary>
    public required IReadOnlyList<string> PrimaryKey { get; init; }
    public required bool Incremental { get; init; }

    /// <summary>How deletions are noticed: fullRead, field, stream, idSweep, webhook, never.</summary>
    public required string Deletes { get; init; }

    /// <summary>A field that shows people which record this is.</summary>
    public string? Label { get; init; }
    public required IReadOnlyList<string> PersonalFields { get; init; }
    public required IReadOnlyList<string> ConsentFields { get; init; }
    public required bool CanRestore { get; init; }
    public string? RestoreWarning { get; init; }
}

/// <summary>All streams in one page.</summary>
public sealed record SourceStreamList(IReadOnlyList<SourceStreamView> Items, string? NextCursor)
{
    /// <summary>Why the connection may have streams besides these, which nobody can choose then; absent when nothing speaks for it.</summary>
    public string? Warning { get; init; }
}

/// <summary>The streams of a source's connection, those that it backs up and those that it leaves out.</summary>
public sealed class ListSourceStreams(RunStore runs, Connections.IConnections connections, IPlatformReader platform, IPlatformWriter writer)
{
    public async Task<Ok<SourceStreamList>> RunAsync(HttpContext http, SourceId sourceId, CancellationToken cancellation)
    {
        var source = (await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation)).Value;
        var connection = await connections.OpenAsync(source.AccountId, source.ConnectionId, ConnectionUse.Urgent, cancellation);
        StreamList streams;
        IReadOnlyList<RestoreStreamInfo> writable;
        try
        {
            streams = await platform.StreamsAsync(connection, cancellation);
            writable = (await writer.OpenAsync(connection, cancellation)).Streams;
        }
        catch (PlatformException failure)
        {
            throw Problem.Upstream(failure.Message);
        }
        catch (ConfigException refused)
        {
            throw Problem.Conflict(refused.Message, "connection-settings");
        }
        var all = StreamPlan.Default(streams);
        return TypedResults.Ok(new SourceStreamList([.. streams.Select(s => View(s, source, all, writable))], null) { Warning = streams.Doubt });
    }

    private static SourceStreamView View(StreamInfo stream, Source source, IReadOnlyList<StreamInfo> all, IReadOnlyList<RestoreStreamInfo> writable)
    {
        var restore = writable.FirstOrDefault(r => r.Name == stream.Name);
        var choice = source.Streams?.FirstOrDefault(s => s.Name == stream.Name);
        return new()
        {
            Name = stream.Name,
            Title = stream.Extensions.Title,
            Selected = source.Streams is null ? all.Contains(stream) : choice is not null,
            ExcludedFields = choice?.ExcludedFields ?? [],
            PrimaryKey = [.. stream.PrimaryKey.Select(StreamPlan.Pointer)],
            Incremental = stream.SyncModes.HasFlag(SyncModes.Incremental),
            Deletes = ApiText.Of(stream.Extensions.Deletes.Kind),
            Label = stream.Extensions.Label is { } label ? StreamPlan.Pointer(label) : null,
            PersonalFields = [.. stream.Extensions.Classes.Where(c => c.Class != PrivacyClass.Consent).Select(c => StreamPlan.Pointer(c.Field))],
            ConsentFields = [.. stream.Extensions.Classes.Where(c => c.Class == PrivacyClass.Consent).Select(c => StreamPlan.Pointer(c.Field))],
            CanRestore = restore is { CanCreate: true } or { CanUpsert: true },
            RestoreWarning = restore?.Warning,
        };
    }
}
