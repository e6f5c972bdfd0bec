using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Dynamic;

/// <summary>Reads one of <c>dynamic_streams</c>.</summary>
internal static class DynamicStreamReader
{
    /// <summary>A template is filled for every stream, so what is a small manifest otherwise multiplies here.</summary>
    private const int TemplateNodesMax = 20_000;

    public static DynamicStream Parse(ComponentReader reader, string defaultName)
    {
        if (reader.Type != "DynamicDeclarativeStream")
            throw reader.WrongType();
        var template = reader.Raw("stream_template");
        if (template.Kind != ValueKind.Map)
            throw reader.Missing("stream_template");
        if (new ExpandedSize().Of(template) > TemplateNodesMax)
            throw reader.Problem("stream_template", $"The template expands to more than {TemplateNodesMax:N0} values.");

        return reader.Done(new DynamicStream
        {
            Name = reader.TextOrNull("name") is { Length: > 0 } name ? name : defaultName,
            Path = reader.At("stream_template"),
            Template = template,
            Resolver = reader.Component("components_resolver", nameof(HttpComponentsResolver), ComponentsResolver.Parse),
            Parameters = reader.Parameters,
            Options = reader.Context.Options,
            Schemas = reader.Context.Schemas,
            OuterParametersWin = reader.Flag("use_parent_parameters", fallback: true),
        });
    }

    /// <summary>The streams of a template that the manifest fills by itself: they are streams like all others.</summary>
    public static IReadOnlyList<StreamProgram> Known(DynamicStream dynamic, ParametrizedComponentsResolver resolver, ParseContext loading)
    {
        var context = loading.Nested(dynamic.OuterParametersWin);
        var streams = new List<StreamProgram>();
        foreach (var component in Filled(dynamic, resolver))
        {
            if (context.Try(() => dynamic.Compile(component, context)) is not { } stream)
                continue;
            stream.Dynamic = dynamic.Name;
            streams.Add(stream);
        }

        loading.Take(context, static _ => true);

        return streams;
    }

    private static List<Value> Filled(DynamicStream dynamic, ParametrizedComponentsResolver resolver)
    {
        try
        {
            return [.. resolver.Components(dynamic.Template)];
        }
        catch (ExpressionException exception)
        {
            throw new ManifestException(dynamic.Path, "ComponentMappingDefinition", exception.Message);
        }
    }

    /// <summary>Finds what is wrong with a template before anybody fills it: the problems that no filling can mend.</summary>
    public static void Prove(DynamicStream dynamic, ParseContext loading)
    {
        var sample = new TemplateSample(dynamic);
        var context = loading.Nested(dynamic.OuterParametersWin);
        dynamic.Sample = context.Try(() => dynamic.Compile(sample.Component, context));
        loading.Take(context, problem => !sample.MayMend(problem));
    }
}
