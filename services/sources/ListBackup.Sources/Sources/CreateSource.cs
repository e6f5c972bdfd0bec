using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed record CreateSourceRequest(string Name, ConnectionId ConnectionId)
{
    /// <summary>Absent: all streams, new ones included.</summary>
    public IReadOnlyList<StreamChoice>? Streams { get; init; }

    /// <summary>Absent: the source runs only when somebody asks.</summary>
    public Schedule? Schedule { get; init; }
    public RetentionPolicy? Retention { get; init; }
    public int? FullSweepDays { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }
    public string? Group { get; init; }
}

/// <summary>Makes a source of a connection. Its first run is the schedule's, or somebody's.</summary>
public sealed class CreateSource(IItemStore items, IConnections connections, SourceStreams streams, AccountPlan plan, ActivityLog activities, TimeProvider clock)
{
    public async Task<Created<SourceView>> RunAsync(HttpContext http, CreateSourceRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var connection = await connections.FindAsync(access.Account.Id, request.ConnectionId, cancellation)
            ?? throw Problem.Invalid("connectionId", "The account has no such connection.");
        var source = New(access.Account.Id, request, connection);
        SourceRules.Check(source);
        await plan.RequireRoomForSourceAsync(access.Account, cancellation);
        await streams.CheckAsync(source.AccountId, source.ConnectionId, source.Streams, cancellation);

        source = source with { NextRunAt = source.Schedule?.NextRun(clock.GetUtcNow(), null, source.Id) };
        var stored = await items.PutAsync(RunStore.SourceItem(source), Condition.Absent, cancellation);
        await activities.AppendAsync(source.AccountId, access.Caller.Actor, "source.created", source.Id.ToString(), cancellation, ("name", source.Name), ("platform", source.Platform));
        http.WriteETag(stored.Version);
        return TypedResults.Created($"/v1/accounts/{source.AccountId}/sources/{source.Id}", SourceView.Of(source));
    }

    private Source New(AccountId account, CreateSourceRequest request, Connections.ConnectionInfo connection) => new()
    {
        Id = SourceId.New(clock),
        AccountId = account,
        Name = request.Name.Trim(),
        ConnectionId = connection.Id,
        Platform = connection.Platform,
        Streams = request.Streams,
        Schedule = request.Schedule,
        Retention = request.Retention,
        FullSweepDays = request.FullSweepDays ?? 7,
        Tags = request.Tags ?? [],
        Group = request.Group,
        CreatedAt = clock.GetUtcNow(),
    };
}
