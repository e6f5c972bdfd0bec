using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Manifest;

/// <summary>Text of a manifest → <see cref="ConnectorProgram"/>, or every problem that stands in the way.</summary>
internal static class ManifestCompiler
{
    private const string Root = "DeclarativeSource";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "type", "version", "check", "streams", "dynamic_streams", "schemas", "definitions", "spec", "concurrency_level", "api_budget", "stream_groups",
        "max_concurrent_async_job_count", "metadata", "description", Extensions.Key,
    };

    public static ConnectorProgram Compile(string yaml, LoadOptions options)
    {
        if (yaml.Length > options.ManifestCharactersMax)
            throw new ManifestException("", "", $"The manifest is longer than {options.ManifestCharactersMax:N0} characters.");

        var raw = ManifestYaml.Parse(yaml);
        if (raw.Kind != ValueKind.Map)
            throw new ManifestException("", "", "A manifest is a map.");
        var manifest = ManifestReferences.Resolve(raw).Map;
        var context = new ParseContext(options) { Schemas = manifest["schemas"] };
        foreach (var key in manifest.Keys.Where(key => !Known.Contains(key)))
            context.Add(new ManifestProblem(key, Root, "This option is not known."));

        var streams = Streams(manifest, context);
        var check = context.Try(() => Check(manifest, context)) ?? [];
        var extensions = context.Try(() => Extensions.Parse(manifest[Extensions.Key], streams, context));
        var spec = context.Try(() => SpecReader.Parse(manifest["spec"], context));
        var budget = context.Try(() => Holder.Of(manifest["api_budget"] is { Kind: ValueKind.Map } map
            ? ApiBudgetSpec.Parse(new ComponentReader(map.Map, "api_budget", Type(map.Map, "HTTPAPIBudget"), Value.Undefined, context))
            : null));
        foreach (var name in check.Where(name => streams.All(stream => stream.Name != name) && context.Problems.Count == 0))
            context.Add(new ManifestProblem("check.stream_names", "CheckStream", $"There is no stream called '{name}'."));
        if (context.Problems.Count > 0)
            throw new ManifestException(context.Problems);

        return new ConnectorProgram
        {
            Info = extensions!.Info,
            Spec = spec!.Spec,
            StreamPrograms = streams,
            Streams = [.. streams.Select(stream => stream.Info())],
            CheckStreams = check,
            OAuth = extensions.OAuth ?? spec.OAuth,
            Budget = budget!.Value,
            ComponentCounts = context.ComponentCounts,
            DynamicStreams = [],
            KeepsCookies = extensions.KeepsCookies,
        };
    }

    private static List<StreamProgram> Streams(ValueMap manifest, ParseContext context)
    {
        var streams = new List<StreamProgram>();
        if (manifest["streams"] is { Kind: ValueKind.List } list)
        {
            for (var at = 0; at < list.List.Count; at++)
            {
                var (item, path) = (list.List[at], $"streams[{at}]");
                foreach (var stream in context.Try(() => Stream(item, path, context)) ?? [])
                {
                    if (stream.Name.Length == 0)
                        context.Add(new ManifestProblem(path, "DeclarativeStream", "A stream needs a name."));
                    else if (streams.Any(known => known.Name == stream.Name))
                        context.Add(new ManifestProblem(path, "DeclarativeStream", $"There are two streams called '{stream.Name}'."));
                    streams.Add(stream);
                }
            }
        }

        if (manifest["dynamic_streams"] is { Kind: ValueKind.List, List.Count: > 0 })
            context.Add(new ManifestProblem("dynamic_streams", "DynamicDeclarativeStream", "This component is not supported yet.", ManifestProblemKind.NotSupportedYet));
        else if (streams.Count == 0 && context.Problems.Count == 0)
            context.Add(new ManifestProblem("streams", Root, "A connector needs at least one stream."));

        return streams;
    }

    private static List<StreamProgram> Stream(Value value, string path, ParseContext context)
    {
        if (value.Kind != ValueKind.Map)
            throw new ManifestException(path, "DeclarativeStream", "A component is wanted.");
        var reader = new ComponentReader(value.Map, path, Type(value.Map, "DeclarativeStream"), Value.Undefined, context);
        if (reader.Type != "ConditionalStreams")
            return [StreamProgram.Parse(reader)];

        var condition = reader.Template("condition");

        return reader.Done(reader.Components("streams", "DeclarativeStream", inner => StreamProgram.Parse(inner, condition)).ToList());
    }

    private static IReadOnlyList<string> Check(ValueMap manifest, ParseContext context)
    {
        if (manifest["check"] is not { Kind: ValueKind.Map } check)
            throw new ManifestException("check", Root, "This option is required.");
        var reader = new ComponentReader(check.Map, "check", Type(check.Map, "CheckStream"), Value.Undefined, context);
        if (reader.Type != "CheckStream")
            throw reader.WrongType("CheckDynamicStream");
        reader.NotYet("dynamic_streams_check_configs", "config_overrides");

        return reader.Done(reader.Texts("stream_names"));
    }

    private static string Type(ValueMap map, string fallback) => map["type"] is { IsText: true } type ? type.Text : fallback;

    /// <summary>Nothing is a good result too.</summary>
    private sealed record Holder(ApiBudgetSpec? Value)
    {
        public static Holder Of(ApiBudgetSpec? value) => new(value);
    }
}
