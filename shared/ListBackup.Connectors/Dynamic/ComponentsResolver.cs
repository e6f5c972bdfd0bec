using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Dynamic;

/// <summary>Tells what to fill a stream template with, once per stream.</summary>
internal abstract class ComponentsResolver(IReadOnlyList<ComponentMapping> mappings)
{
    public static ComponentsResolver Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(HttpComponentsResolver) => HttpComponentsResolver.Parse(reader),
        nameof(ConfigComponentsResolver) => ConfigComponentsResolver.Parse(reader),
        nameof(ParametrizedComponentsResolver) => ParametrizedComponentsResolver.Parse(reader),
        _ => throw reader.WrongType(),
    };

    public IReadOnlyList<ComponentMapping> Mappings => mappings;

    /// <summary>The retriever that asks the platform; null: nobody is asked.</summary>
    public virtual SimpleRetriever? Retriever => null;

    /// <summary>True when the manifest alone tells everything.</summary>
    public virtual bool NeedsNobody => false;

    /// <summary>Texts of people's forms are read as YAML, a platform's are not.</summary>
    protected virtual bool ReadsYaml => true;

    /// <summary>The filled templates, one per stream.</summary>
    public async IAsyncEnumerable<Value> ComponentsAsync(
        DynamicStream stream, Session session, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (values, slice) in ValuesAsync(stream.Name, session, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Filled(stream, values, slice, session);
        }
    }

    /// <summary>What went wrong with what this resolver brought.</summary>
    public virtual Exception Failure(string what, Session session) => new ConfigException($"The configuration {what}.");

    protected abstract IAsyncEnumerable<(Value Values, Value Slice)> ValuesAsync(string stream, Session session, CancellationToken cancellation);

    protected Value Fill(Value template, Value values, Value slice, ExpressionContext outer)
    {
        var context = outer.With(Variable.ComponentsValues, values).Set(Variable.StreamSlice, slice).Set(Variable.StreamTemplateConfig, template);

        return mappings.Aggregate(template, (component, mapping) => mapping.Apply(component, context, ReadsYaml));
    }

    private Value Filled(DynamicStream stream, Value values, Value slice, Session session)
    {
        try
        {
            return Fill(stream.Template, values, slice, session.Context);
        }
        catch (ExpressionException)
        {
            // Not chained: its message may quote what was to be filled in.
            throw Failure($"cannot be filled into the stream template '{stream.Name}'", session);
        }
    }

    protected static IReadOnlyList<ComponentMapping> ParseMappings(ComponentReader reader) =>
        reader.Has("components_mapping") ? reader.Components("components_mapping", nameof(ComponentMapping), ComponentMapping.Parse) : throw reader.Missing("components_mapping");
}
