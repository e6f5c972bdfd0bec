using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Reading;

/// <summary>What proves that a configuration works: the streams whose first page is read.</summary>
/// <param name="Streams">The names of streams; empty when only dynamic streams are checked.</param>
internal sealed record CheckProgram(IReadOnlyList<string> Streams)
{
    public static CheckProgram Parse(ComponentReader root, StreamIndex streams) => root.Component("check", "CheckStream", inner => Parse(inner, streams, root.Context));

    private static CheckProgram Parse(ComponentReader reader, StreamIndex streams, ParseContext context)
    {
        if (reader.Type != "CheckStream")
            throw reader.WrongType("CheckDynamicStream");
        reader.NotYet("dynamic_streams_check_configs", "config_overrides");
        var check = new CheckProgram(reader.Texts("stream_names"));
        foreach (var name in check.Streams.Where(name => !streams.Has(name) && context.Problems.Count == 0))
            context.Add(new ManifestProblem(reader.At("stream_names"), reader.Type, $"There is no stream called '{name}'."));

        return reader.Done(check);
    }
}
