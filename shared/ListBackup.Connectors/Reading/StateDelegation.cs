using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Reading;

/// <summary>
/// A stream that is read in two ways (StateDelegatingStream): one for a first, full read, the other for what changed since. Which one reads is
/// decided here and nowhere else.
/// </summary>
/// <param name="Incremental">Reads when there is a state.</param>
/// <param name="Retention">How long the incremental way looks back; null: without end.</param>
internal sealed record StateDelegation(StreamProgram Incremental, IsoDuration? Retention)
{
    /// <summary>Marks the state of a full read that is under way, so that it goes on in the same way. Stands beside the page in the state.</summary>
    public const string FullRead = "full";

    /// <summary>The stream that reads this request, and the request as that stream takes it.</summary>
    public static (StreamProgram Stream, ReadRequest Request) Choose(StreamProgram stream, ReadRequest request, Session session)
    {
        if (stream.Delegation is not { } delegation)
            return (stream, request);
        if (request.State is null || IsFullRead(request.State))
            return (stream, request);

        // A page of the incremental way means nothing to the full one.
        if (request.FullRefresh)
            return (stream, request with { State = null });

        return delegation.Reaches(request.State, session) ? (delegation.Incremental, request) : (stream, request with { State = null });
    }

    /// <summary>True when the incremental way still tells everything since this state. A state that tells no time does not say so.</summary>
    private bool Reaches(StreamState state, Session session)
    {
        var map = ValueJson.Parse(state.ToJson()).Map;
        var cursor = Incremental.Cursor;
        var positions = cursor is null ? [] : Cursors(map, cursor.Field.EvaluateText(session.Context) ?? "").Select(text => cursor.StatePosition(text, session.Context)).ToList();
        if (positions.Count == 0 || positions.Any(position => position is null))
            return false;
        if (Retention is null)
            return true;

        // The oldest partition decides: what it has not seen may be gone from the platform's memory.
        var oldest = Retention.Negated().After(session.Ports.Clock.GetUtcNow());

        return positions.All(position => position is { Kind: ValueKind.Time } time && time.Time.At >= oldest);
    }

    private static IEnumerable<string> Cursors(ValueMap state, string field)
    {
        var own = state[field];
        if (own.Kind is ValueKind.Text or ValueKind.Integer or ValueKind.Float)
            yield return PythonText.Str(own);
        if (state["state"] is { Kind: ValueKind.Map } global && global.Map[field] is { IsNothing: false } shared)
            yield return PythonText.Str(shared);

        // By partition, or (older) by the parent's key.
        var partitions = state["states"] is { Kind: ValueKind.List } states
            ? states.List.Select(entry => ValuePaths.Get(entry, ["cursor", field]))
            : state.Where(entry => entry.Key is not ("state" or StateKeeper.OwnKey)).Select(entry => ValuePaths.Get(entry.Value, [field]));
        foreach (var cursor in partitions.Where(cursor => !cursor.IsNothing))
            yield return PythonText.Str(cursor);
    }

    private static bool IsFullRead(StreamState state) =>
        ValuePaths.Get(ValueJson.Parse(state.ToJson()), [StateKeeper.OwnKey, StateKeeper.Way]) is { IsText: true, Text: FullRead };

    /// <summary>The stream as it is read in full; it knows the other way.</summary>
    public static StreamProgram Parse(ComponentReader reader, Template? condition)
    {
        var name = reader.Text("name");
        var full = reader.Component("full_refresh_stream", "DeclarativeStream", inner => StreamProgram.ParsePlain(inner, condition));
        var incremental = reader.Component("incremental_stream", "DeclarativeStream", inner => StreamProgram.ParsePlain(inner, condition));
        if (full.Name != name || incremental.Name != name)
            throw reader.Problem("name", "Both streams and the component itself have one name.");

        var retention = reader.TextOrNull("api_retention_period") is { } text
            ? IsoDuration.Parse(text) ?? throw reader.Problem("api_retention_period", "A duration of ISO 8601 is wanted: P30D.")
            : null;
        if (retention is not null && incremental.Cursor is not DatetimeBasedCursor)
            throw reader.Problem("api_retention_period", "It needs an incremental stream whose cursor is a time.");
        full.Delegation = new StateDelegation(incremental, retention);

        return reader.Done(full);
    }
}
