using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Changes a record.</summary>
internal abstract class Transformation
{
    public static Transformation Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(AddFields) => AddFields.Parse(reader),
        nameof(RemoveFields) => RemoveFields.Parse(reader),
        "KeysToLower" => reader.Done(new RenameKeys(static (key, _) => key.ToLowerInvariant(), isDeep: false)),
        "KeysToSnakeCase" => reader.Done(new RenameKeys(static (key, _) => SnakeCase.Of(key), isDeep: false)),
        "KeysReplace" => RenameKeys.ParseReplace(reader),
        nameof(FlattenFields) => FlattenFields.Parse(reader),
        nameof(DpathFlattenFields) => DpathFlattenFields.Parse(reader),
        _ => throw reader.WrongType(),
    };

    /// <param name="record">May be changed; what it shares with others is copied before.</param>
    /// <param name="context">Knows the record as it was before this transformation.</param>
    public abstract ValueMap Apply(ValueMap record, ExpressionContext context);
}
