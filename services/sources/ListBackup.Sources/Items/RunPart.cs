using System.Text.Json.Serialization;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>One stream's part in a run, <c>SRC#id / PART#run#stream</c>: what a worker needs to go on, and its truthful progress.</summary>
public sealed record RunPart
{
    public const int LogLinesMax = 50;

    public required RunId RunId { get; init; }

    public required SourceId SourceId { get; init; }

    public required AccountId AccountId { get; init; }

    public required string Stream { get; init; }

    public required PartState State { get; init; }

    /// <summary>How the stream is read in this run, decided by the planner.</summary>
    public required ReadMode Mode { get; init; }

    /// <summary>Groups of streams of which the platform lets only one be read at a time.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Who reads now: a token made per delivery, good until <see cref="LeaseUntil"/>. Nobody when null.</summary>
    public string? Lease { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Deliveries in a row that brought no page, whatever the cause; bounds what is tried for ever.</summary>
    public int Failures { get; init; }

    /// <summary>Not to be touched before: the platform asked to wait.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When a worker last moved it.</summary>
    public DateTimeOffset? MovedAt { get; init; }

    public PartCounts Counts { get; init; } = new();

    /// <summary>How often fields had values, once the part has ended.</summary>
    public FieldFill? Fill { get; init; }

    /// <summary>How many records of the stream were live when it arrived without any; null when it did not.</summary>
    public long? SuddenlyEmptyOf { get; init; }

    public Reason? Reason { get; init; }

    public IReadOnlyList<RunLogLine> Log { get; init; } = [];

    [JsonIgnore]
    public bool HasEnded => State is PartState.Complete or PartState.Incomplete or PartState.Failed;

    public RunPart Logged(DateTimeOffset at, string message) => this with { Log = RunLogLine.Append(Log, new(at, Stream, message), LogLinesMax) };
}

[JsonConverter(typeof(JsonStringEnumConverter<PartState>))]
public enum PartState
{
    [JsonStringEnumMemberName("waiting")] Waiting,
    [JsonStringEnumMemberName("reading")] Reading,
    /// <summary>The platform, or our own limit, makes it wait until <see cref="RunPart.NotBefore"/>.</summary>
    [JsonStringEnumMemberName("delayed")] Delayed,
    /// <summary>Read to its end.</summary>
    [JsonStringEnumMemberName("complete")] Complete,
    /// <summary>What arrived is kept; something is missing, and the reason says what.</summary>
    [JsonStringEnumMemberName("incomplete")] Incomplete,
    /// <summary>Nothing arrived.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>What was read so far, as its worker last saw it. A worker that dies takes back what it had not saved.</summary>
public sealed record PartCounts
{
    public long Pages { get; init; }
    public long Records { get; init; }
    public long Added { get; init; }
    public long Changed { get; init; }
    public long Deleted { get; init; }
    public long Unchanged { get; init; }
    public long Refused { get; init; }
    public long Bytes { get; init; }
    public long Requests { get; init; }
    public long Retries { get; init; }
    /// <summary>How many records the platform says there are; null when it does not tell.</summary>
    public long? Total { get; init; }

    public static PartCounts Of(StreamCounts counts, PageEvidence evidence) => new()
    {
        Pages = evidence.Pages,
        // Overlapping pages bring a record twice; a person counts it once.
        Records = counts.Arrived - counts.Repeated - counts.Superseded,
        Added = counts.Added,
        Changed = counts.Changed,
        Deleted = counts.Deleted,
        Unchanged = counts.Unchanged,
        Refused = counts.Refused,
        Bytes = evidence.BytesReceived,
        Requests = evidence.Requests,
        Retries = evidence.Retries,
        Total = evidence.ReportedTotal,
    };

    public PartCounts Plus(PartCounts other) => new()
    {
        Pages = Pages + other.Pages,
        Records = Records + other.Records,
        Added = Added + other.Added,
        Changed = Changed + other.Changed,
        Deleted = Deleted + other.Deleted,
        Unchanged = Unchanged + other.Unchanged,
        Refused = Refused + other.Refused,
        Bytes = Bytes + other.Bytes,
        Requests = Requests + other.Requests,
        Retries = Retries + other.Retries,
        Total = Total is null || other.Total is null ? null : Total + other.Total,
    };
}
