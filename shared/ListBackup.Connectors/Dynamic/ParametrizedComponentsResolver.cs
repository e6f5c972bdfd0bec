using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Dynamic;

/// <summary>The manifest itself tells: a list of parameters, one entry per stream.</summary>
internal sealed class ParametrizedComponentsResolver(IReadOnlyList<Value> entries, IReadOnlyList<ComponentMapping> mappings) : ComponentsResolver(mappings)
{
    public static new ParametrizedComponentsResolver Parse(ComponentReader reader) => reader.Done(new ParametrizedComponentsResolver(
        reader.Component("stream_parameters", "StreamParametersDefinition", Entries), ParseMappings(reader)));

    /// <summary>Then its streams are known once the manifest is loaded.</summary>
    public override bool NeedsNobody => Mappings.All(mapping => !mapping.Mentions("config", "now", "today"));

    /// <summary>The filled templates, for a resolver that needs nobody.</summary>
    public IEnumerable<Value> Components(Value template)
    {
        var context = new ExpressionContext(TimeProvider.System).Set(Variable.Config, Value.Of(new ValueMap()));

        return entries.Select(entry => Fill(template, entry, Value.Of(new ValueMap()), context));
    }

    protected override async IAsyncEnumerable<(Value Values, Value Slice)> ValuesAsync(
        string stream, Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var entry in entries)
            yield return (entry, Value.Of(new ValueMap()));
    }

    private static List<Value> Entries(ComponentReader reader)
    {
        if (reader.Raw("list_of_parameters_for_stream") is not { Kind: ValueKind.List } list)
            throw reader.Missing("list_of_parameters_for_stream");

        return list.List.All(entry => entry.Kind == ValueKind.Map) ? reader.Done(list.List.ToList()) : throw reader.Problem("list_of_parameters_for_stream", "Each entry is a map.");
    }
}
