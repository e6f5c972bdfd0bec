using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Records;

namespace ListBackup.Connectors.Schemas;

/// <summary>The platform describes its fields itself: the first record of a request lists them.</summary>
internal sealed class DynamicSchemaLoader(SimpleRetriever retriever, FieldTypes types, Template? filter, IReadOnlyList<Transformation> transformations)
{
    public static DynamicSchemaLoader Parse(ComponentReader reader) => reader.Done(new DynamicSchemaLoader(
        reader.Component("retriever", nameof(SimpleRetriever), SimpleRetriever.Parse),
        reader.Component("schema_type_identifier", "SchemaTypeIdentifier", FieldTypes.Parse),
        reader.ComponentOrNull("schema_filter", "RecordFilter", Filter)?.Item1,
        reader.Components("schema_transformations", nameof(AddFields), Transformation.Parse)));

    public async Task<JsonElement> LoadAsync(string stream, Session session, CancellationToken cancellation)
    {
        var description = Value.Undefined;
        await foreach (var (record, _) in DescriptionReading.RecordsAsync(retriever, stream, session, cancellation))
        {
            description = record;
            break;
        }

        var properties = Kept(types.Properties(description, session), session.Context);
        foreach (var transformation in transformations)
            properties = Transformed(properties, transformation, session.Context);

        return SchemaLoader.Element(Value.Of(new ValueMap()
            .Set("$schema", Value.Of("http://json-schema.org/draft-07/schema#"))
            .Set("type", Value.Of("object"))
            .Set("additionalProperties", Value.True)
            .Set("properties", Value.Of(properties))));
    }

    /// <summary>
    /// What renames keys renames those of fields. It works at every level of a record, and a schema's own words (<c>oneOf</c>) are no fields, so they are
    /// kept out of its way.
    /// </summary>
    private static ValueMap Transformed(ValueMap properties, Transformation transformation, ExpressionContext context)
    {
        if (transformation is not RenameKeys)
            return transformation.Apply(properties, context.With(Variable.Record, Value.Of(properties)));

        var schemas = properties.Values.ToList();
        var places = new ValueMap();
        foreach (var (at, name) in properties.Keys.Index())
            places.Set(name, Value.Of(at));
        var renamed = new ValueMap();
        foreach (var (name, at) in transformation.Apply(places, context.With(Variable.Record, Value.Of(places))))
            renamed.Set(name, schemas[(int)at.Long]);

        return renamed;
    }

    /// <summary>The filter sees one property at a time, as a record of one field.</summary>
    private ValueMap Kept(ValueMap properties, ExpressionContext context)
    {
        if (filter is null)
            return properties;

        var kept = new ValueMap();
        foreach (var (name, property) in properties)
        {
            if (filter.EvaluateCondition(context.With(Variable.Record, Value.Of(new ValueMap().Set(name, property)))))
                kept.Set(name, property);
        }

        return kept;
    }

    private static Tuple<Template?> Filter(ComponentReader reader) => reader.Type == "RecordFilter"
        ? reader.Done(Tuple.Create(reader.ConditionOrNull("condition")))
        : throw reader.WrongType();
}
