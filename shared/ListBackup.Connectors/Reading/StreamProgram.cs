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

    public required StreamSchema Schema { get; init; }

    public StreamExtensions Extensions { get; set; } = StreamExtensions.None;

    public TotalProbe? Total { get; set; }

    /// <summary>The stream exists only where this holds (ConditionalStreams); null: always.</summary>
    public Template? Condition { get; init; }

    /// <summary>The name of the dynamic stream that this one comes from; null: it stands in the manifest itself.</summary>
    public string? Dynamic { get; set; }

    /// <summary>The other way to read it (StateDelegatingStream); null: there is one way.</summary>
    public StateDelegation? Delegation { get; set; }

    /// <summary>Names of groups of which only one stream may be read at a time.</summary>
    public IReadOnlyList<string> Groups { get; set; } = [];

    public Authenticator? Authenticator => Retriever.Requester.Authenticator;

    public static StreamProgram Parse(ComponentReader reader) => Parse(reader, null);

    public static StreamProgram Parse(ComponentReader reader, Template? condition)
    {
        return reader.Type == "StateDelegatingStream" ? StateDelegation.Parse(reader, condition) : ParsePlain(reader, condition);
    }

    public static StreamProgram ParsePlain(ComponentReader reader, Template? condition)
    {
        if (reader.Type != "DeclarativeStream")
            throw reader.WrongType();

        var file = reader.ComponentOrNull("file_uploader", "FileUploader", FileUploader.Parse);
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
            Extensions = file is null ? StreamExtensions.None : StreamExtensions.None with { Attachments = [file] },
        });
    }

    /// <summary>True when a configuration has this stream.</summary>
    public bool Exists(ExpressionContext context) => Condition is null || Condition.EvaluateCondition(context);

    /// <summary>Takes what <c>x-listbackup</c> says.</summary>
    public void Extend(StreamExtension extension)
    {
        // What a manifest says of a file in the language's own words holds where it says nothing of files in ours.
        var told = extension.Told.Attachments.Count == 0 ? extension.Told with { Attachments = Extensions.Attachments } : extension.Told;
        (Extensions, Total) = (told, extension.Total);
        Delegation?.Incremental.Extend(extension);
    }

    public StreamInfo Info(ExpressionContext? context = null) => new()
    {
        Name = Name,
        PrimaryKey = PrimaryKey,
        CursorField = CursorField(context) is { } field ? FieldPath.Of(field) : null,
        SyncModes = IncrementalBy is null ? SyncModes.FullRefresh : SyncModes.FullRefresh | SyncModes.Incremental,
        Schema = Schema.Known,
        Extensions = Extensions,
        Groups = Groups,
        Parents = [.. (Retriever.Router?.Parents ?? []).Select(parent => parent.Name).Distinct(StringComparer.Ordinal)],
    };

    /// <summary>The cursor field; null when there is none or only a configuration tells it.</summary>
    private string? CursorField(ExpressionContext? context)
    {
        if (IncrementalBy is not { } cursor)
            return null;
        if (cursor.Field.IsConstant)
            return cursor.Field.Source;

        return context is null ? null : cursor.Field.EvaluateText(context);
    }

    /// <summary>The cursor of the way that reads what changed.</summary>
    private IncrementalCursor? IncrementalBy => Delegation is null ? Cursor : Delegation.Incremental.Cursor;

    /// <summary>States of the older format are understood whether or not a manifest says that there are some: see <see cref="StateKeeper"/>.</summary>
    private static void StateMigrations(ComponentReader reader) => reader.Components(
        "state_migrations", "LegacyToPerPartitionStateMigration", static inner => inner.Type == "LegacyToPerPartitionStateMigration" ? inner.Done(inner) : throw inner.WrongType());

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
