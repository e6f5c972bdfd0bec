using System.Text.Json;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Reading;

/// <summary>A compiled stream.</summary>
internal sealed class StreamProgram
{
    public required string Name { get; init; }

    public required IReadOnlyList<FieldPath> PrimaryKey { get; init; }

    public required SimpleRetriever Retriever { get; init; }

    public required IncrementalCursor? Cursor { get; init; }

    public required IReadOnlyList<Transformation> Transformations { get; init; }

    public required JsonElement Schema { get; init; }

    public StreamExtensions Extensions { get; set; } = StreamExtensions.None;

    public TotalProbe? Total { get; set; }

    /// <summary>The stream exists only where this holds (ConditionalStreams); null: always.</summary>
    public Template? Condition { get; init; }

    /// <summary>Names of groups of which only one stream may be read at a time.</summary>
    public IReadOnlyList<string> Groups { get; set; } = [];

    public Authenticator? Authenticator => Retriever.Requester.Authenticator;

    public static StreamProgram Parse(ComponentReader reader) => Parse(reader, null);

    public static StreamProgram Parse(ComponentReader reader, Template? condition)
    {
        if (reader.Type == "StateDelegatingStream")
            return ParseDelegating(reader, condition);
        if (reader.Type != "DeclarativeStream")
            throw reader.WrongType();

        reader.NotYet("file_uploader");
        StateMigrations(reader);
        var name = reader.TextOrNull("name") ?? "";
        var cursor = reader.ComponentOrNull("incremental_sync", nameof(DatetimeBasedCursor), IncrementalCursor.Parse);

        return reader.Done(new StreamProgram
        {
            Name = name,
            PrimaryKey = Keys(reader),
            Cursor = cursor,
            Retriever = reader.Component("retriever", nameof(SimpleRetriever), SimpleRetriever.Parse),
            Transformations = reader.Components("transformations", "AddFields", Transformation.Parse),
            Schema = SchemaLoader.Parse(reader, name),
            Condition = condition,
        });
    }

    /// <summary>True when a configuration has this stream.</summary>
    public bool Exists(ExpressionContext context) => Condition is null || Condition.EvaluateCondition(context);

    public StreamInfo Info(ExpressionContext? context = null) => new()
    {
        Name = Name,
        PrimaryKey = PrimaryKey,
        CursorField = CursorField(context) is { } field ? FieldPath.Of(field) : null,
        SyncModes = Cursor is null ? SyncModes.FullRefresh : SyncModes.FullRefresh | SyncModes.Incremental,
        Schema = Schema,
        Extensions = Extensions,
        Groups = Groups,
        Parents = [.. (Retriever.Router?.Parents ?? []).Select(parent => parent.Name).Distinct(StringComparer.Ordinal)],
    };

    /// <summary>The cursor field; null when there is none or only a configuration tells it.</summary>
    private string? CursorField(ExpressionContext? context)
    {
        if (Cursor is null)
            return null;
        if (Cursor.Field.IsConstant)
            return Cursor.Field.Source;

        return context is null ? null : Cursor.Field.EvaluateText(context);
    }

    /// <summary>Which of two streams reads depends on whether there is a state. The incremental one reads everything when there is none, so it serves both.</summary>
    private static StreamProgram ParseDelegating(ComponentReader reader, Template? condition) =>
        throw new ManifestException(reader.Path, reader.Type, $"This component is not supported yet{(condition is null ? "" : " under a condition")}.", ManifestProblemKind.NotSupportedYet);

    private static void StateMigrations(ComponentReader reader)
    {
        // States of other engines' older formats; a state of ours never has them.
        if (reader.Raw("state_migrations") is { Kind: ValueKind.List } migrations && migrations.List.Any(IsCustom))
            throw new ManifestException($"{reader.Path}.state_migrations", "CustomStateMigration", "It asks for code; a connector is data and brings none.", ManifestProblemKind.NeedsCode);

        static bool IsCustom(Value migration) => migration.Kind == ValueKind.Map && migration.Map["type"] is { IsText: true } type && type.Text.StartsWith("Custom", StringComparison.Ordinal);
    }

    private static IReadOnlyList<FieldPath> Keys(ComponentReader reader)
    {
        var value = reader.Raw("primary_key");
        if (!value.IsTrue)
            return [];
        if (value.IsText)
            return [FieldPath.Of(value.Text)];

        return value.Kind == ValueKind.List
            && value.List.All(key => key.Kind != ValueKind.List || key.List.Count > 0)
            ? [.. value.List.Select(key => key.Kind == ValueKind.List ? new FieldPath(key.List.Select(PythonText.Str)) : FieldPath.Of(PythonText.Str(key)))]
            : throw reader.Problem("primary_key", "A key, or a list of keys, is wanted.");
    }
}
