using ListBackup.Connectors.Dynamic;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads <c>streams</c> and <c>dynamic_streams</c>. What breaks in one is noted, and the others are read all the same.</summary>
internal static class StreamsReader
{
    public static (StreamIndex Streams, IReadOnlyList<DynamicStream> Dynamic) Parse(ComponentReader root)
    {
        var (streams, context) = (new StreamIndex(), root.Context);
        foreach (var (item, path) in Items(root, "streams"))
        {
            foreach (var stream in context.Try(() => Stream(root.Part(item, path, "streams", "DeclarativeStream"))) ?? [])
                Add(streams, stream, path, context);
        }

        var dynamic = new List<DynamicStream>();
        foreach (var (item, path) in Items(root, "dynamic_streams"))
            context.Try(() => Dynamic(root.Part(item, path, "dynamic_streams", "DynamicDeclarativeStream"), $"dynamic_stream_{dynamic.Count}", streams, dynamic));
        if (streams.All.Count + dynamic.Count == 0 && context.Problems.Count == 0)
            context.Add(new ManifestProblem("streams", root.Type, "A connector needs at least one stream."));

        return (streams, dynamic);
    }

    private static (Value Item, string Path)[] Items(ComponentReader root, string key) => root.Raw(key) switch
    {
        { Kind: ValueKind.List } list => list.List.Map((item, at) => (item, $"{key}[{at}]")),
        { IsNothing: true } => [],
        _ => throw root.Problem(key, "A list is wanted."),
    };

    private static void Add(StreamIndex streams, StreamProgram stream, string path, ParseContext context)
    {
        if (stream.Name.Length == 0)
            context.Add(new ManifestProblem(path, "DeclarativeStream", "A stream needs a name."));
        else if (!streams.Add(stream))
            context.Add(new ManifestProblem(path, "DeclarativeStream", $"There are two streams called '{stream.Name}'."));
    }

    private static IReadOnlyList<StreamProgram> Stream(ComponentReader reader)
    {
        if (reader.Type != "ConditionalStreams")
            return [StreamProgram.Parse(reader)];

        var condition = reader.Template("condition");

        return reader.Done(reader.Components("streams", "DeclarativeStream", inner => StreamProgram.Parse(inner, condition)));
    }

    private static DynamicStream Dynamic(ComponentReader reader, string defaultName, StreamIndex streams, List<DynamicStream> all)
    {
        var dynamic = DynamicStreamReader.Parse(reader, defaultName);
        if (all.Any(other => other.Name == dynamic.Name))
            throw reader.Problem("name", $"There are two dynamic streams called '{dynamic.Name}'.");
        if (dynamic.Resolver is ParametrizedComponentsResolver { NeedsNobody: true } resolver)
        {
            foreach (var stream in DynamicStreamReader.Known(dynamic, resolver, reader.Context))
                Add(streams, stream, dynamic.Path, reader.Context);

            return dynamic;
        }

        DynamicStreamReader.Prove(dynamic, reader.Context);
        all.Add(dynamic);

        return dynamic;
    }
}
