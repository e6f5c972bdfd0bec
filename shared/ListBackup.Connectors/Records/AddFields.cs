using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Puts computed fields into a record. A path makes the maps on its way, and a place behind the end of a list.</summary>
internal sealed class AddFields(IReadOnlyList<AddedField> fields, Template? condition) : Transformation
{
    public static new AddFields Parse(ComponentReader reader) => reader.Done(new AddFields(
        reader.Components("fields", "AddedFieldDefinition", AddedField.Parse),
        reader.ConditionOrNull("condition")));

    public override ValueMap Apply(ValueMap record, ExpressionContext context)
    {
        // A later field sees, and is decided by, what the earlier ones have added: they change the same map.
        var seen = context.With(Variable.Record, Value.Of(record));
        foreach (var field in fields)
        {
            if (condition is null || condition.EvaluateCondition(seen))
                ValuePaths.Set(record, field.PathIn(seen), field.Value(seen));
        }

        return record;
    }
}

internal sealed record AddedField(IReadOnlyList<Template> Path, Template? Template, Value Constant, string? Type)
{
    public static AddedField Parse(ComponentReader reader)
    {
        var path = reader.Templates("path");
        if (path.Count == 0)
            throw reader.Missing("path");
        var value = reader.Raw("value");
        var type = reader.Has("value_type") ? reader.Choice("value_type", "", "string", "number", "integer", "boolean") : null;

        return reader.Done(new AddedField(path, value.IsText ? reader.Template("value") : null, value.IsUndefined ? Expressions.Value.None : value, type));
    }

    /// <summary>Null when it has to be computed for each record.</summary>
    private readonly string[]? _path = Path.All(part => part.IsConstant) ? Texts(Path, new ExpressionContext(TimeProvider.System)) : null;

    public IReadOnlyList<string> PathIn(ExpressionContext context) => _path ?? Texts(Path, context);

    private static string[] Texts(IReadOnlyList<Template> path, ExpressionContext context) => [.. path.Select(part => part.EvaluateText(context) ?? "")];

    public Value Value(ExpressionContext context)
    {
        if (Template is null)
            return Constant;

        var value = Template.Evaluate(context);
        var fits = Type switch
        {
            "string" => value.IsText,
            "integer" => value.Kind == ValueKind.Integer,
            "number" => value.Kind is ValueKind.Integer or ValueKind.Float,
            "boolean" => value.Kind == ValueKind.Boolean,
            _ => true,
        };

        // The literal rule holds only for the wanted type; otherwise the text stays a text.
        return fits || value.IsNone ? value : Expressions.Value.Of(Template.EvaluateText(context));
    }
}
