using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Takes fields out of a record: all that a pointer leads to, or those of them for which a condition holds.</summary>
internal sealed class RemoveFields(IReadOnlyList<IReadOnlyList<string>> pointers, Template? condition) : Transformation
{
    public static new RemoveFields Parse(ComponentReader reader)
    {
        var pointers = reader.Raw("field_pointers") is { Kind: ValueKind.List } list
            ? list.List.Select(pointer => (IReadOnlyList<string>)(pointer.Kind == ValueKind.List ? [.. pointer.List.Select(PythonText.Str)] : [PythonText.Str(pointer)])).ToList()
            : throw reader.Missing("field_pointers");
        var condition = reader.ConditionOrNull("condition");

        return reader.Done(new RemoveFields([.. pointers.Where(pointer => pointer.Count > 0)], condition));
    }

    public override ValueMap Apply(ValueMap record, ExpressionContext context)
    {
        foreach (var pointer in pointers)
        {
            if (condition is null)
                ValuePaths.Remove(record, pointer);
            else
                record = Without(Value.Of(record), pointer, 0, context, 0).Map;
        }

        return record;
    }

    /// <summary>The value without what the rest of the pointer leads to and the condition holds for. <c>**</c> reaches every level.</summary>
    private Value Without(Value value, IReadOnlyList<string> pointer, int at, ExpressionContext context, int depth)
    {
        if (depth > ValueJson.DepthMax || value.Kind is not (ValueKind.Map or ValueKind.List))
            return value;
        if (value.Kind == ValueKind.List)
        {
            return Value.Of(value.List
                .Select((item, index) => (item, key: $"{index}"))
                .Where(entry => !IsRemoved(entry.key, entry.item, pointer, at, context))
                .Select(entry => Deeper(entry.key, entry.item, pointer, at, context, depth)));
        }

        var kept = new ValueMap();
        foreach (var member in value.Map.WrittenMembers)
        {
            if (IsRemoved(member.Key, member.Value, pointer, at, context))
                continue;
            var inner = Deeper(member.Key, member.Value, pointer, at, context, depth);
            if (inner.Kind is ValueKind.Map or ValueKind.List)
                kept.Set(member.Key, inner);
            else
                kept.Adopt(member.Key, member);
        }

        return Value.Of(kept);
    }

    private bool IsRemoved(string key, Value value, IReadOnlyList<string> pointer, int at, ExpressionContext context)
    {
        var isEnd = at == pointer.Count - 1 && (pointer[at] is "*" or "**" || pointer[at] == key);
        var isEndBelow = at == pointer.Count - 2 && pointer[at] == "**" && (pointer[at + 1] == "*" || pointer[at + 1] == key);

        return (isEnd || isEndBelow) && condition!.EvaluateCondition(context.With(Variable.Property, value));
    }

    private Value Deeper(string key, Value value, IReadOnlyList<string> pointer, int at, ExpressionContext context, int depth)
    {
        if (pointer[at] == "**")
        {
            // The stars stand for this level too, and what follows them may go on here.
            var further = at + 1 < pointer.Count - 1 && (pointer[at + 1] == "*" || pointer[at + 1] == key) ? Without(value, pointer, at + 2, context, depth + 1) : value;

            return Without(further, pointer, at, context, depth + 1);
        }

        return at < pointer.Count - 1 && (pointer[at] == "*" || pointer[at] == key) ? Without(value, pointer, at + 1, context, depth + 1) : value;
    }
}
