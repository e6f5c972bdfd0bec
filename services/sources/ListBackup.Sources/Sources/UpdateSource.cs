using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>What is absent stays as it is; what is named in <see cref="Clear"/> is taken away.</summary>
public sealed record UpdateSourceRequest
{
    public string? Name { get; init; }
    public IReadOnlyList<StreamChoice>? Streams { get; init; }
    public Schedule? Schedule { get; init; }
    public RetentionPolicy? Retention { get; init; }
    public int? FullSweepDays { get; init; }
    public bool? Paused { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }
    public string? Group { get; init; }

    /// <summary>Any of <c>streams</c> (back to all), <c>schedule</c>, <c>retention</c>, <c>group</c>.</summary>
    public IReadOnlyList<string>? Clear { get; init; }
}

/// <summary>Changes a source; pausing and resuming are changes too.</summary>
public sealed class UpdateSource(RunStore runs, SourceStreams streams, ActivityLog activities, TimeProvider clock)
{
    private static readonly string[] Clearable = ["streams", "schedule", "retention", "group"];

    public async Task<Ok<SourceView>> RunAsync(HttpContext http, SourceId sourceId, UpdateSourceRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var before = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        http.RequireMatch(before.Version, "The source");
        if (request.Clear?.FirstOrDefault(name => !Clearable.Contains(name)) is { } unknown)
            throw Problem.Invalid("clear", $"'{unknown}' cannot be cleared; only {string.Join(", ", Clearable)}.");
        if (request.Streams is not null) await streams.CheckAsync(before.Value.AccountId, before.Value.ConnectionId, request.Streams, cancellation);
        SourceRules.Check(Changed(before.Value, request));

        // A run may end meanwhile and write its own fields; the change is made on what is there then. If-Match was held against what the caller knew.
        var stored = await runs.UpdateSourceAsync(access.Account.Id, sourceId, source => source.DeletedAt is null ? Changed(source, request) : null, cancellation)
            ?? throw Problem.NotFound("The source");
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, Action(before.Value, stored.Value), sourceId.ToString(), cancellation);
        http.WriteETag(stored.Version);
        return TypedResults.Ok(SourceView.Of(stored.Value));
    }

    private Source Changed(Source source, UpdateSourceRequest request)
    {
        var schedule = Clears("schedule") ? null : request.Schedule ?? source.Schedule;
        var isPaused = request.Paused ?? source.IsPaused;
        // What was not touched keeps its place; what changed, or was paused until now, is due anew.
        var isDueAnew = schedule != source.Schedule || (source.IsPaused && !isPaused);
        var changed = source with
        {
            Name = request.Name?.Trim() ?? source.Name,
            Streams = Clears("streams") ? null : request.Streams ?? source.Streams,
            Schedule = schedule,
            Retention = Clears("retention") ? null : request.Retention ?? source.Retention,
            FullSweepDays = request.FullSweepDays ?? source.FullSweepDays,
            IsPaused = isPaused,
            Tags = request.Tags ?? source.Tags,
            Group = Clears("group") ? null : request.Group ?? source.Group,
        };
        return isDueAnew && IsSound(schedule) ? changed with { NextRunAt = schedule?.NextRun(clock.GetUtcNow(), null, source.Id) } : changed;

        bool Clears(string name) => request.Clear?.Contains(name) == true;
    }

    private static bool IsSound(Schedule? schedule)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        schedule?.Check(errors);
        return errors.Count == 0;
    }

    private static string Action(Source before, Source after) => (before.IsPaused, after.IsPaused) switch
    {
        (false, true) => "source.paused",
        (true, false) => "source.resumed",
        _ => "source.updated",
    };
}
