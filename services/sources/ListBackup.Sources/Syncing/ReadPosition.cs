using System.Text.Json;
using ListBackup.Connectors;

namespace ListBackup.Sources;

/// <summary>Where the reading of a stream stands, saved as the cursor of the vault's draft.</summary>
public sealed record ReadPosition
{
    public ReadPhase Phase { get; init; }

    /// <summary>The engine's state in this phase; null at its start.</summary>
    public JsonElement? State { get; init; }

    /// <summary>The engine's state at the end of the records, from which the next run's incremental read begins.</summary>
    public JsonElement? RecordsState { get; init; }

    /// <summary>What earlier deliveries and phases of this run saw.</summary>
    public PageEvidence Evidence { get; init; } = PageEvidence.Nothing;

    /// <summary>Why what was read so far is not complete.</summary>
    public string? Gap { get; init; }

    /// <summary>True when the cursors of what is missing stand where they stood, so that the next run may go on with the others.</summary>
    public bool GapIsInState { get; init; }

    /// <summary>What forbids to call the reading proven, though nothing is known to be missing.</summary>
    public IReadOnlyList<string> Doubts { get => field ?? []; init; }

    /// <summary>How often fields had values so far.</summary>
    public FieldFill? Fill { get; init; }

    /// <summary>Rows of the stream that lists ids or deletions.</summary>
    public long IdsArrived { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, SourceItemsJson.Default.ReadPosition);

    public static ReadPosition Parse(string? json) =>
        json is null ? new() : JsonSerializer.Deserialize(json, SourceItemsJson.Default.ReadPosition) ?? new();
}

/// <summary>The steps of reading one stream, in order.</summary>
public enum ReadPhase
{
    Records,
    /// <summary>The stream that lists what was deleted.</summary>
    Deletes,
    /// <summary>The stream that lists every id.</summary>
    Ids,
    End,
}
