using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Schemas;

/// <summary>Proves that a JSON schema is one, and that every keyword in it is one that <see cref="JsonSchemaValidator"/> checks or that checks nothing.</summary>
internal sealed class JsonSchemaKeywords
{
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal) { "object", "array", "string", "number", "integer", "boolean", "null" };

    /// <summary>They describe, for people or forms.</summary>
    private static readonly HashSet<string> Remarks = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "id", "$comment", "title", "description", "default", "examples", "example", "format", "readOnly", "writeOnly", "deprecated", "contentEncoding",
        "contentMediaType", "airbyte_secret", "airbyte_hidden", "always_show", "group", "order", "multiline", "pattern_descriptor", "display_type",
    };

    private readonly HashSet<object> _proved = new(ReferenceEqualityComparer.Instance);
    private readonly Value _root;

    private JsonSchemaKeywords(Value root) => _root = root;

    /// <exception cref="JsonSchemaException">What is wrong.</exception>
    public static void Prove(Value schema) => new JsonSchemaKeywords(schema).Schema(schema, "the schema", 0);

    /// <summary>What a <c>$ref</c> inside the schema names.</summary>
    public static Value Target(Value root, string reference)
    {
        var value = root;
        foreach (var key in reference.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(key).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            value = value.Kind switch
            {
                ValueKind.Map => value.Map[name],
                ValueKind.List when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < value.List.Count => value.List[at],
                _ => Value.Undefined,
            };
        }

        return value;
    }

    private void Schema(Value schema, string where, int depth)
    {
        if (schema.Kind == ValueKind.Boolean)
            return;
        if (schema.Kind != ValueKind.Map)
            throw new JsonSchemaException($"A schema is wanted at {where}.");
        if (depth > ValueJson.DepthMax)
            throw new JsonSchemaException("The schema is nested too deep.");
        if (!_proved.Add(schema.Map))
            return;
        foreach (var (keyword, value) in schema.Map)
        {
            if (!Remarks.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal))
                Keyword(keyword, value, depth);
        }
    }

    private void Keyword(string keyword, Value value, int depth)
    {
        switch (keyword)
        {
            case "type":
                Require(keyword, value.IsText ? Types.Contains(value.Text) : value.Kind == ValueKind.List && value.List.All(type => type.IsText && Types.Contains(type.Text)));
                break;
            case "const":
                break;
            case "enum":
                Require(keyword, value.Kind == ValueKind.List);
                break;
            case "required":
                Require(keyword, IsNames(value));
                break;
            case "minimum" or "maximum":
                Require(keyword, value.Kind is ValueKind.Integer or ValueKind.Float);
                break;
            case "exclusiveMinimum" or "exclusiveMaximum":
                Require(keyword, value.Kind is ValueKind.Integer or ValueKind.Float or ValueKind.Boolean);
                break;
            case "multipleOf":
                Require(keyword, value.Kind is ValueKind.Integer or ValueKind.Float && value.Double > 0);
                break;
            case "minLength" or "maxLength" or "minItems" or "maxItems" or "minProperties" or "maxProperties":
                Require(keyword, value.IsSmallInteger && value.Long >= 0);
                break;
            case "uniqueItems":
                Require(keyword, value.Kind == ValueKind.Boolean);
                break;
            case "pattern":
                Require(keyword, value.IsText && IsPattern(value.Text));
                break;
            case "$ref":
                Require(keyword, value.IsText && value.Text.StartsWith('#') && !Target(_root, value.Text).IsUndefined);
                Schema(Target(_root, value.Text), value.Text, depth + 1);
                break;
            case "items" when value.Kind == ValueKind.List:
            case "allOf" or "anyOf" or "oneOf":
                Require(keyword, value.Kind == ValueKind.List && value.List.Count > 0);
                foreach (var part in value.List)
                    Schema(part, keyword, depth + 1);
                break;
            case "items" or "additionalItems" or "contains" or "additionalProperties" or "propertyNames" or "not" or "if" or "then" or "else":
                Schema(value, keyword, depth + 1);
                break;
            case "properties" or "patternProperties" or "definitions" or "$defs" or "dependentSchemas":
                Members(keyword, value, depth);
                break;
            case "dependencies" or "dependentRequired":
                Dependencies(keyword, value, depth);
                break;
            default:
                throw new JsonSchemaException($"The keyword '{keyword}' is not known, so what it asks for would not be checked.");
        }
    }

    private void Members(string keyword, Value value, int depth)
    {
        Require(keyword, value.Kind == ValueKind.Map);
        foreach (var (name, member) in value.Map)
        {
            Require(keyword, keyword != "patternProperties" || IsPattern(name));
            Schema(member, keyword, depth + 1);
        }
    }

    private void Dependencies(string keyword, Value value, int depth)
    {
        Require(keyword, value.Kind == ValueKind.Map);
        foreach (var member in value.Map.Values)
        {
            if (member.Kind == ValueKind.List)
                Require(keyword, IsNames(member));
            else
                Schema(member, keyword, depth + 1);
        }
    }

    private static bool IsNames(Value value) => value.Kind == ValueKind.List && value.List.All(name => name.IsText);

    private static bool IsPattern(string pattern)
    {
        try
        {
            return Patterns.Get(pattern) is not null;
        }
        catch (ExpressionException)
        {
            return false;
        }
    }

    private static void Require(string keyword, bool holds)
    {
        if (!holds)
            throw new JsonSchemaException($"The keyword '{keyword}' has a value that it cannot have.");
    }
}
