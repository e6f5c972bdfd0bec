using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Manifest;

/// <summary>Text of a manifest → <see cref="ConnectorProgram"/>, or every problem that stands in the way.</summary>
internal static class ManifestCompiler
{
    public static ConnectorProgram Compile(string yaml, LoadOptions options)
    {
        if (yaml.Length > options.ManifestCharactersMax)
            throw new ManifestException("", "", $"The manifest is longer than {options.ManifestCharactersMax:N0} characters.");

        var raw = ManifestYaml.Parse(yaml);
        if (raw.Kind != ValueKind.Map)
            throw new ManifestException("", "", "A manifest is a map.");
        var manifest = ManifestReferences.Resolve(raw).Map;
        Measure(manifest, options);
        var context = new ParseContext(options) { Schemas = manifest["schemas"] };
        var root = new ComponentReader(manifest, "", "DeclarativeSource", Value.Undefined, context);

        // The first and the last are notes about the manifest; what the others hold is read where something refers to it.
        root.Ignore("version", "schemas", "definitions", "metadata");

        var (streams, dynamic) = StreamsReader.Parse(root);
        var check = context.Try(() => CheckProgram.Parse(root, streams, dynamic));
        var extensions = context.Try(() => Extensions.Parse(root.Raw(Extensions.Key), streams, dynamic, context));
        var spec = context.Try(() => SpecReader.Parse(root.Raw("spec"), context));
        var budget = Optional(root, "api_budget", "HTTPAPIBudget", ApiBudgetSpec.Parse);
        var concurrency = Optional(root, "concurrency_level", nameof(ConcurrencyLevel), ConcurrencyLevel.Parse);
        context.Try(() => StreamGroups.Parse(root, streams));
        var jobs = context.Try(() => Tuple.Create(root.TemplateOrNull("max_concurrent_async_job_count")));
        root.Done(root);
        if (context.Problems.Count > 0)
            throw new ManifestException(context.Problems);

        return new ConnectorProgram
        {
            Info = extensions!.Info,
            Spec = spec!.Spec,
            StreamIndex = streams,
            Streams = [.. streams.All.DistinctBy(stream => stream.Name, StringComparer.Ordinal).Select(stream => stream.Info())],
            Check = check!,
            OAuth = extensions.OAuth ?? spec.OAuth,
            Budget = budget,
            Concurrency = concurrency,
            AsyncJobsMax = jobs!.Item1,
            ComponentCounts = context.ComponentCounts,
            DynamicStreams = dynamic,
            Rules = spec.Rules,
            KeepsCookies = extensions.KeepsCookies,
            Webhooks = extensions.Webhooks,
            Warnings = context.Warnings,
        };
    }

    private static T? Optional<T>(ComponentReader root, string key, string type, Func<ComponentReader, T> parse)
        where T : class => root.Has(key) ? root.Context.Try(() => root.Component(key, type, parse)) : null;

    /// <summary>Definitions that nothing refers to cost nothing, however much they would expand to; the rest is written out somewhere.</summary>
    private static void Measure(ValueMap manifest, LoadOptions options)
    {
        var size = new ExpandedSize();
        var left = (long)options.NodesMax;
        foreach (var (key, value) in manifest)
        {
            if (key != "definitions" && (left -= Math.Min(size.Of(value), left + 1)) < 0)
                throw new ManifestException(key, "", $"The manifest expands to more than {options.NodesMax:N0} values.");
        }
    }
}
