using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Schemas;

/// <summary>Where a platform's description of its fields has their names and types, and what its types are called in JSON schemas.</summary>
internal sealed class FieldTypes(
    IReadOnlyList<Template> fields, IReadOnlyList<Template> key, IReadOnlyList<Template>? type, IReadOnlyList<TypeMapping> mappings)
{
    /// <summary>More fields than any platform allows in one object.</summary>
    private const int FieldsMax = 10_000;

    public static FieldTypes Parse(ComponentReader reader)
    {
        var key = reader.Templates("key_pointer");
        if (key.Count == 0)
            throw reader.Missing("key_pointer");

        return reader.Done(new FieldTypes(
            reader.Templates("schema_pointer"),
            key,
            reader.Has("type_pointer") ? reader.Templates("type_pointer") : null,
            reader.Components("types_mapping", "TypesMap", TypeMapping.Parse)));
    }

    /// <summary>Each field's name with its schema.</summary>
    /// <param name="description">The record that describes the fields; undefined: there was none, and so no fields are known.</param>
    public ValueMap Properties(Value description, Session session)
    {
        var properties = new ValueMap();
        var listed = ValuePaths.Get(description, Path(fields, session.Context));
        foreach (var field in listed.Kind switch { ValueKind.List => listed.List, ValueKind.Map => listed.Map.Values, _ => Enumerable.Empty<Value>() })
        {
            if (ValuePaths.Get(field, Path(key, session.Context)) is not { IsText: true } name || properties.Count == FieldsMax)
                throw new PlatformNotReadableException("its description of fields is not what the schema loader reads", session.Failure());
            properties.Set(name.Text, Schema(field, session.Context));
        }

        return properties;
    }

    private Value Schema(Value field, ExpressionContext context)
    {
        var told = type is null ? Value.Undefined : ValuePaths.Get(field, Path(type, context));
        var raw = told.IsNothing ? Value.Of("string") : told;
        var mapping = mappings.FirstOrDefault(mapping => mapping.Fits(raw, field, context));

        return JsonType.Of(mapping?.Target ?? raw);
    }

    private static string[] Path(IReadOnlyList<Template> pointer, ExpressionContext context) => [.. pointer.Select(part => part.EvaluateText(context) ?? "")];
}

/// <summary>What a type of the platform's is called in the language.</summary>
/// <param name="Current">A name, or a list of names that has to be equal as a whole.</param>
/// <param name="Target">A name, two names, or a map with <c>field_type</c> and <c>items</c>.</param>
internal sealed record TypeMapping(Value Current, Value Target, Template? Condition)
{
    public static TypeMapping Parse(ComponentReader reader)
    {
        var (current, target) = (reader.Raw("current_type"), reader.Raw("target_type"));
        if (current.Kind is not (ValueKind.Text or ValueKind.List))
            throw reader.Missing("current_type");
        if (!JsonType.IsKnown(target, 0))
            throw reader.Problem("target_type", "It is one of the language's types, a list of two of them, or a field_type with items.");

        return reader.Done(new TypeMapping(current, target, reader.ConditionOrNull("condition")));
    }

    public bool Fits(Value type, Value field, ExpressionContext context) =>
        Operators.AreEqual(type, Current) && (Condition is null || Condition.EvaluateCondition(context.With(Variable.RawSchema, field)));
}
