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
        foreach (var field in fields)
        {
            // A later field sees, and is decided by, what the earlier ones have added.
            var seen = context.With(Variable.Record, Value.Of(record));
            if (condition is null || condition.EvaluateCondition(seen))
                ValuePaths.Set(record, [.. field.Path.Select(part => part.EvaluateText(seen) ?? "")], field.Value(seen));
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
