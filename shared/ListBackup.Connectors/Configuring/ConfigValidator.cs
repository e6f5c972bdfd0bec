using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Configuring;

/// <summary>Refuses a configuration that the connector cannot work with.</summary>
internal abstract class ConfigValidator(SchemaRule rule)
{
    public static ConfigValidator Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(DpathValidator) => DpathValidator.Parse(reader),
        nameof(PredicateValidator) => PredicateValidator.Parse(reader),
        _ => throw reader.WrongType(),
    };

    public abstract void Check(Value config, ExpressionContext context);

    protected void Check(Value value, string what, ExpressionContext context)
    {
        if (rule.Validator(context).FirstFault(value) is { } fault)
            throw new ConfigException($"{what}{fault.Place} is not as the connector needs it: {fault.Rule}.");
    }
}

/// <summary>Holds the fields at a place of the configuration against a schema; <c>*</c> reaches every item.</summary>
internal sealed class DpathValidator(IReadOnlyList<Template> field, SchemaRule rule) : ConfigValidator(rule)
{
    public static new DpathValidator Parse(ComponentReader reader)
    {
        var field = reader.Templates("field_path");

        return field.Count > 0 ? reader.Done(new DpathValidator(field, SchemaRule.Parse(reader))) : throw reader.Missing("field_path");
    }

    public override void Check(Value config, ExpressionContext context)
    {
        var path = field.Select(part => part.EvaluateText(context) ?? "").ToList();
        var found = ValuePaths.Find(config, path).ToList();
        if (found.Count == 0 && !path.Contains("*"))
            throw new ConfigException($"The configuration lacks the field {string.Join('.', path)}.");
        foreach (var value in found)
            Check(value, $"The configuration's field {string.Join('.', path)}", context);
    }
}

/// <summary>Holds a value that is made of the configuration against a schema.</summary>
internal sealed class PredicateValidator(string path, TemplateTree value, SchemaRule rule) : ConfigValidator(rule)
{
    public static new PredicateValidator Parse(ComponentReader reader) => reader.Map.Has("value")
        ? reader.Done(new PredicateValidator(reader.At("value"), reader.ParseTree(reader.Raw("value"), reader.At("value")), SchemaRule.Parse(reader)))
        : throw reader.Missing("value");

    public override void Check(Value config, ExpressionContext context) => Check(value.Evaluate(context), $"What the configuration makes of {path}", context);
}

/// <summary>The schema to hold a value against: written in the manifest, or made of the configuration.</summary>
internal sealed class SchemaRule(JsonSchemaValidator? known, Template? made, string path)
{
    public static SchemaRule Parse(ComponentReader reader) => reader.Component("validation_strategy", "ValidateAdheresToSchema", static inner =>
    {
        if (inner.Type != "ValidateAdheresToSchema")
            throw inner.WrongType();
        var schema = inner.Raw("base_schema");
        if (schema.IsNothing)
            throw inner.Missing("base_schema");
        if (schema.IsText && inner.Template("base_schema") is { IsConstant: false } template)
            return inner.Done(new SchemaRule(null, template, inner.At("base_schema")));

        try
        {
            return inner.Done(new SchemaRule(JsonSchemaValidator.Compile(Parsed(schema)), null, inner.At("base_schema")));
        }
        catch (JsonSchemaException exception)
        {
            throw inner.Problem("base_schema", exception.Message);
        }
    });

    public JsonSchemaValidator Validator(ExpressionContext context)
    {
        if (known is not null)
            return known;
        try
        {
            return JsonSchemaValidator.Compile(Parsed(made!.Evaluate(context)));
        }
        catch (JsonSchemaException)
        {
            // Not chained: its message may quote the configuration.
            throw new ConfigException($"What the configuration makes of {path} is no JSON schema that can be checked.");
        }
    }

    private static Value Parsed(Value schema)
    {
        if (!schema.IsText)
            return schema;
        try
        {
            return ManifestYaml.Parse(schema.Text);
        }
        catch (ManifestException)
        {
            throw new JsonSchemaException("It is no JSON.");
        }
    }
}
