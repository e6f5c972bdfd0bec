using System.Globalization;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>Where a platform tells how many records a stream has.</summary>
/// <param name="InPage">The place in every page of the stream.</param>
/// <param name="Path">Otherwise: a request of its own, with the stream's address and authentication.</param>
internal sealed record TotalProbe(FieldPath? InPage, Template? Path, RequestInputs Parameters, FieldPath? Field, string? Header)
{
    /// <summary>The number in a page is of the records from that page on, not of all.</summary>
    public bool CountsRest { get; init; }
}

/// <summary>Asks a platform for the number of records of a stream.</summary>
internal sealed class TotalProbing(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports)
{
    public async Task<long?> RunAsync(string name, CancellationToken cancellation)
    {
        var session = program.OpenSession(config, ports, name);
        var stream = await program.FindAsync(name, session, cancellation);
        if (stream.Total is not { } total)
            return null;

        if (total.Path is not null)
            return await AskAsync(stream, total, session, cancellation);

        // Only a stream without partitions has one total in its first page.
        if (stream.Retriever.Router is not null)
            return null;
        var slice = stream.Cursor?.Slices(session.Context).FirstOrDefault() ?? Cursors.CursorSlice.Everything;
        await foreach (var page in new PageReading(stream, session).PagesAsync(Partitions.Partition.Whole, slice, Value.None, null, cancellation))
        {
            using (page)
                return Number(ValuePaths.Get(page.Response, total.InPage!.Keys));
        }

        return null;
    }

    private static async Task<long?> AskAsync(StreamProgram stream, TotalProbe total, Session session, CancellationToken cancellation)
    {
        var requester = stream.Retriever.Requester;
        // The stream's own parameters are evaluated as for a first page, and then left out: the probe brings its own.
        var parts = requester.Build(session.Context.With(Variable.NextPageToken, Value.None), total.Path!.EvaluateText(session.Context));
        parts.Query.Clear();
        foreach (var (name, value) in total.Parameters.Evaluate(session.Context).Pairs)
            parts.AddQuery(name, value);
        using var answer = await requester.SendAsync(parts, session.Context, session, cancellation);
        if (total.Header is not null)
            return long.TryParse(answer.Header(total.Header), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

        return Number(total.Field is null ? answer.Json : ValuePaths.Get(answer.Json, total.Field.Keys));
    }

    /// <summary>The number, which some platforms write as text.</summary>
    public static long? Number(Value value) => value.Kind switch
    {
        ValueKind.Integer => value.Long,
        ValueKind.Text when long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}
