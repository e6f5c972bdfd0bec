using ListBackup.Connectors.Dynamic;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Reading;

/// <summary>What proves that a configuration works: the streams whose first page is read.</summary>
/// <param name="Streams">Names of streams.</param>
/// <param name="Dynamic">Dynamic streams by name, and how many of their streams; null: all.</param>
/// <param name="AnyCount">Instead: so many of whatever streams the configuration has; 0: it is enough that they can be told.</param>
/// <param name="Overrides">Values that replace the configuration's for the time of the check.</param>
internal sealed record CheckProgram(
    IReadOnlyList<string> Streams, IReadOnlyList<(string Name, int? Count)> Dynamic, int? AnyCount, ValueMap Overrides)
{
    public static CheckProgram Parse(ComponentReader root, StreamIndex streams, IReadOnlyList<DynamicStream> dynamic) =>
        root.Component("check", "CheckStream", inner => Read(inner, streams, dynamic));

    private static CheckProgram Read(ComponentReader reader, StreamIndex streams, IReadOnlyList<DynamicStream> dynamic) => reader.Type switch
    {
        "CheckStream" => reader.Done(new CheckProgram(
            Names(reader, streams),
            [.. reader.Components("dynamic_streams_check_configs", "DynamicStreamCheckConfig", inner => Dynamics(inner, streams, dynamic)).Select(named => (named.Name, named.Count))],
            null,
            ParseOverrides(reader))),
        "CheckDynamicStream" => reader.Done(new CheckProgram([], [], Any(reader), ParseOverrides(reader))),
        _ => throw reader.WrongType(),
    };

    private static IReadOnlyList<string> Names(ComponentReader reader, StreamIndex streams)
    {
        var names = reader.Texts("stream_names");

        // A stream that broke is missing here too, and told already.
        foreach (var name in names.Where(name => !streams.Has(name) && reader.Context.Problems.Count == 0))
            reader.Context.Add(new ManifestProblem(reader.At("stream_names"), reader.Type, $"There is no stream called '{name}'."));

        return names;
    }

    private static DynamicCheck Dynamics(ComponentReader reader, StreamIndex streams, IReadOnlyList<DynamicStream> dynamic)
    {
        var name = reader.Text("dynamic_stream_name");
        if (dynamic.All(known => known.Name != name) && streams.All.All(stream => stream.Dynamic != name) && reader.Context.Problems.Count == 0)
            throw reader.Problem("dynamic_stream_name", $"There is no dynamic stream called '{name}'.");
        var count = reader.IntegerOrNull("stream_count");

        return count is null or > 0 ? reader.Done(new DynamicCheck(name, count)) : throw reader.Problem("stream_count", "A positive number is wanted.");
    }

    private static int Any(ComponentReader reader)
    {
        var count = reader.IntegerOrNull("stream_count") ?? throw reader.Missing("stream_count");
        if (count < 1)
            throw reader.Problem("stream_count", "A positive number is wanted.");

        return reader.Flag("use_check_availability", fallback: true) ? count : 0;
    }

    /// <summary>The language refuses both combinations, so a manifest with one of them would work nowhere else.</summary>
    private static ValueMap ParseOverrides(ComponentReader reader)
    {
        var overrides = reader.Raw("config_overrides");
        if (overrides.IsNothing)
            return new ValueMap();
        if (overrides.Kind != ValueKind.Map)
            throw reader.Problem("config_overrides", "A map is wanted.");
        if (overrides.Map.Keys.FirstOrDefault(key => key.StartsWith("__airbyte", StringComparison.Ordinal)) is { } reserved)
            throw reader.Problem($"config_overrides.{reserved}", "Keys that start with __airbyte are reserved.");
        if (reader.Context.ComponentCounts.ContainsKey("RefreshTokenUpdater"))
            throw reader.Problem("config_overrides", "A manifest with a refresh_token_updater cannot have it.");

        return overrides.Map;
    }

    private sealed record DynamicCheck(string Name, int? Count);
}
