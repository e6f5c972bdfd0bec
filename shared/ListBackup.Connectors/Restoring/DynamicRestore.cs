using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>Makes of what restore.yaml says the way in which one stream is written.</summary>
internal delegate RestoreStream FillStream(StreamProgram stream, IReadOnlyList<Relation> references, IReadOnlyList<FieldPath> readOnly);

/// <summary>How all streams of one dynamic stream are written. Which there are, and what they refer to, only the platform knows.</summary>
/// <param name="Name">Of the manifest's dynamic stream.</param>
/// <param name="References">Questions whose answers name fields that refer to other streams.</param>
/// <param name="ReadOnly">The same of fields that the platform sets itself.</param>
internal sealed record DynamicRestore(string Name, FillStream Fill, IReadOnlyList<StreamQuestion> References, IReadOnlyList<StreamQuestion> ReadOnly)
{
    /// <summary>The program with the streams that this configuration's platform names.</summary>
    /// <exception cref="PlatformException">The platform did not tell.</exception>
    public static async Task<RestoreProgram> FillAsync(RestoreProgram program, ConnectorConfig config, ConnectorPorts ports, CancellationToken cancellation)
    {
        var session = program.Connector.OpenSession(config, ports, null);
        var programs = new Dictionary<string, RestoreStream>(program.Programs, StringComparer.Ordinal);
        var found = new List<(DynamicRestore Origin, StreamProgram Stream)>();
        foreach (var dynamic in program.Dynamic)
        {
            // What restore.yaml says of a stream by its own name goes before; what has no key cannot be told apart.
            found.AddRange((await program.Connector.StreamsOfAsync(dynamic.Name, session, cancellation))
                .Where(stream => !programs.ContainsKey(stream.Name) && stream.PrimaryKey.Count > 0).Select(stream => (dynamic, stream)));
        }

        // A reference to what is never restored would only be reported as not restored.
        var known = programs.Keys.Concat(found.Select(pair => pair.Stream.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var group in found.GroupBy(pair => pair.Origin))
        {
            var requester = group.First().Stream.Retriever.Requester;
            var references = await AskAsync(group.Key.References, requester, session, cancellation);
            var readOnly = await AskAsync(group.Key.ReadOnly, requester, session, cancellation);
            foreach (var (origin, stream) in group)
            {
                programs[stream.Name] = origin.Fill(
                    stream,
                    [.. references.Where(told => told.Of == stream.Name && known.Contains(told.Stream)).Select(told => new Relation(FieldPath.Of(told.Field), told.Stream, null))],
                    [.. readOnly.Where(told => told.Of == stream.Name).Select(told => FieldPath.Of(told.Field))]);
            }
        }

        return new RestoreProgram
        {
            Connector = program.Connector,
            Programs = programs,
            Tokens = program.Tokens,
            Dynamic = [],
            Streams = [.. RestoreOrder.Of([.. programs.Values.Select(stream => stream.Info)]).Select(name => programs[name].Info)],
        };
    }

    /// <summary>The stream as expressions see it.</summary>
    public static Value Variables(RestoreStreamInfo stream) =>
        Value.Of(new ValueMap().Set("name", Value.Of(stream.Name)).Set("key", Value.Of(string.Join('.', stream.Id.Keys))));

    private static async Task<IReadOnlyList<Told>> AskAsync(IReadOnlyList<StreamQuestion> questions, HttpRequester requester, Session session, CancellationToken cancellation)
    {
        var told = new List<Told>();
        foreach (var question in questions)
        {
            using var answer = await requester.SendAsync(question.Request.Build(requester, session.Context, Value.Undefined), session.Context, session, cancellation);
            var entries = ValuePaths.Get(answer.Json, question.Records);
            if (entries.Kind != ValueKind.List)
                throw new PlatformNotReadableException("it does not tell what its streams are made of", session.Failure(answer.Host) with { Status = answer.Status });
            foreach (var entry in entries.List)
            {
                var context = session.Context.With(Variable.Result, entry);
                if (Text(question.Of) is { } of && Text(question.Field) is { } field)
                    told.Add(new Told(of, field, question.Stream is null ? "" : Text(question.Stream) ?? ""));

                string? Text(Template template) => template.EvaluateText(context) is { Length: > 0 } text ? text : null;
            }
        }

        return told;
    }

    private sealed record Told(string Of, string Field, string Stream);
}

/// <summary>A question about streams that only the platform knows. Its expressions see each entry of the answer as <c>result</c>; an entry without stream or field says nothing.</summary>
/// <param name="Records">Where the entries stand.</param>
/// <param name="Of">The stream that an entry is about.</param>
/// <param name="Field">The field of that stream.</param>
/// <param name="Stream">The stream that the field refers to; null where that is not asked.</param>
internal sealed record StreamQuestion(RestoreOperation Request, IReadOnlyList<string> Records, Template Of, Template Field, Template? Stream);
