using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads <c>streams</c>. What breaks in one stream is noted, and the others are read all the same.</summary>
internal static class StreamsReader
{
    public static StreamIndex Parse(ComponentReader root)
    {
        var (streams, context) = (new StreamIndex(), root.Context);
        if (root.Raw("streams") is { Kind: ValueKind.List } list)
        {
            for (var at = 0; at < list.List.Count; at++)
            {
                var (item, path) = (list.List[at], $"streams[{at}]");
                foreach (var stream in context.Try(() => Stream(root.Part(item, path, "streams", "DeclarativeStream"))) ?? [])
                    Add(streams, stream, path, context);
            }
        }

        if (root.Raw("dynamic_streams") is { Kind: ValueKind.List, List.Count: > 0 })
            context.Add(new ManifestProblem("dynamic_streams", "DynamicDeclarativeStream", "This component is not supported yet.", ManifestProblemKind.NotSupportedYet));
        else if (streams.All.Count == 0 && context.Problems.Count == 0)
            context.Add(new ManifestProblem("streams", root.Type, "A connector needs at least one stream."));

        return streams;
    }

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
}
