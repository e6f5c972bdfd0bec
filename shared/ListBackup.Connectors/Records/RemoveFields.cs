using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

internal sealed class RemoveFields(IReadOnlyList<IReadOnlyList<string>> pointers, Template? condition) : Transformation
{
    public static new RemoveFields Parse(ComponentReader reader)
    {
        var pointers = reader.Raw("field_pointers") is { Kind: ValueKind.List } list
            ? list.List.Select(pointer => (IReadOnlyList<string>)(pointer.Kind == ValueKind.List ? [.. pointer.List.Select(PythonText.Str)] : [PythonText.Str(pointer)])).ToList()
            : throw reader.Missing("field_pointers");

        return reader.Done(new RemoveFields([.. pointers.Where(pointer => pointer.Count > 0)], reader.TemplateOrNull("condition")));
    }

    public override ValueMap Apply(ValueMap record, ExpressionContext context)
    {
        foreach (var pointer in pointers)
        {
            if (pointer is ["**"] && condition is not null)
                RemoveWhere(record, context, 0);
            else if (condition is null || Holds(ValuePaths.Get(Value.Of(record), pointer), context))
                ValuePaths.Remove(record, pointer);
        }

        return record;
    }

    private bool Holds(Value property, ExpressionContext context) => condition!.EvaluateCondition(context.With(Variable.Property, property));

    /// <summary>At every level: the fields for which the condition holds.</summary>
    private void RemoveWhere(ValueMap map, ExpressionContext context, int depth)
    {
        if (depth > ValueJson.DepthMax)
            return;
        foreach (var (key, value) in map.ToList())
        {
            if (Holds(value, context))
            {
                map.Remove(key);
            }
            else if (value.Kind == ValueKind.Map)
            {
                var inner = value.Map.Copy();
                RemoveWhere(inner, context, depth + 1);
                map.Set(key, Value.Of(inner));
            }
        }
    }
}
