using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Dynamic;

/// <summary>
/// A stream template and who tells what to fill it with. The template stays a tree of values until it is filled, because a mapping may change any of
/// it, the types of components included.
/// </summary>
internal sealed class DynamicStream
{
    public required string Name { get; init; }

    /// <summary>Where the template stands in the manifest.</summary>
    public required string Path { get; init; }

    public required Value Template { get; init; }

    public required ComponentsResolver Resolver { get; init; }

    /// <summary>Parameters from around the template.</summary>
    public required Value Parameters { get; init; }

    /// <summary>How the manifest was loaded.</summary>
    public required LoadOptions Options { get; init; }

    /// <summary>The manifest's schemas by stream name.</summary>
    public required Value Schemas { get; init; }

    public required bool OuterParametersWin { get; init; }

    /// <summary>The template filled with placeholders, where that makes a stream. Good for what does not depend on the filling.</summary>
    public StreamProgram? Sample { get; set; }

    /// <summary>What <c>x-listbackup</c> says about all of its streams, and about single ones.</summary>
    public StreamExtension Extension { get; set; } = StreamExtension.None;

    public Dictionary<string, StreamExtension> OwnExtensions { get; } = new(StringComparer.Ordinal);

    /// <summary>For a template that is filled at run time: by then a warning is nobody's fault who could mend it.</summary>
    public ParseContext NewContext() => new(Options with { Strict = false }) { Schemas = Schemas, OuterParametersWin = OuterParametersWin };

    public string NameOf(Value component) => Reader(component, NewContext()).TextOrNull("name") ?? "";

    /// <exception cref="ManifestException">The filled template is no stream.</exception>
    public StreamProgram Compile(Value component, ParseContext context)
    {
        var stream = StreamProgram.Parse(Reader(component, context));
        stream.Extend(OwnExtensions.GetValueOrDefault(stream.Name) ?? Extension);

        return stream;
    }

    private ComponentReader Reader(Value component, ParseContext context) => component.Kind == ValueKind.Map
        ? new ComponentReader(component.Map, Path, component.Map["type"] is { IsText: true } type ? type.Text : "DeclarativeStream", Parameters, context)
        : throw new ManifestException(Path, "DeclarativeStream", "A component is wanted.");
}
