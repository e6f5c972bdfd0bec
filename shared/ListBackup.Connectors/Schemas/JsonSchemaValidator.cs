using System.Globalization;
using System.Numerics;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Schemas;

/// <summary>A JSON schema that cannot be checked.</summary>
internal sealed class JsonSchemaException(string message) : Exception(message);

/// <summary>What a value breaks: where in it, and which keyword of the schema. Neither quotes the value.</summary>
internal sealed record SchemaFault(string Place, string Rule);

/// <summary>
/// Holds values against a JSON schema of draft 7, the keywords of drafts 4 and 6 that mean the same included. A keyword that it does not know is
/// refused when the schema is compiled, since passing over it would let through what the author meant to stop. <c>format</c> is a remark, as in
/// the drafts.
/// </summary>
internal sealed class JsonSchemaValidator
{
    private const int DepthMax = 200;

    /// <summary>Schemas may refer to themselves in ways that never end.</summary>
    private const int StepsMax = 200_000;

    private readonly Value _root;
    private int _steps;

    private JsonSchemaValidator(Value root) => _root = root;

    /// <exception cref="JsonSchemaException">The schema is none, or has a keyword that is not known.</exception>
    public static JsonSchemaValidator Compile(Value schema)
    {
        JsonSchemaKeywords.Prove(schema);

        return new JsonSchemaValidator(schema);
    }

    /// <summary>The first thing that the value breaks, or null.</summary>
    public SchemaFault? FirstFault(Value value) => new JsonSchemaValidator(_root).Find(_root, value, "", 0);

    private SchemaFault? Find(Value schema, Value value, string place, int depth)
    {
        if (depth > DepthMax || ++_steps > StepsMax)
            return new SchemaFault(place, "$ref");
        if (schema.Kind == ValueKind.Boolean)
            return schema.Boolean ? null : new SchemaFault(place, "false");
        var map = schema.Map;
        if (map["$ref"] is { IsText: true } reference)
            return Find(JsonSchemaKeywords.Target(_root, reference.Text), value, place, depth + 1);

        return Own(map, value, place)
            ?? (value.Kind switch
            {
                ValueKind.Map => Members(map, value.Map, place, depth),
                ValueKind.List => Items(map, value.List, place, depth),
                _ => null,
            })
            ?? Combined(map, value, place, depth);
    }

    private bool Fits(Value schema, Value value, int depth) => Find(schema, value, "", depth + 1) is null;

    /// <summary>The keywords that look at the value itself.</summary>
    private static SchemaFault? Own(ValueMap schema, Value value, string place)
    {
        foreach (var (keyword, wanted) in schema)
        {
            var broken = keyword switch
            {
                "type" => !(wanted.Kind == ValueKind.List ? wanted.List : Enumerable.Repeat(wanted, 1)).Any(type => IsType(value, type.Text)),
                "const" => !Same(value, wanted),
                "enum" => !wanted.List.Any(choice => Same(value, choice)),
                "minimum" => IsNumber(value) && Compare(value, wanted) < (schema["exclusiveMinimum"] is { Kind: ValueKind.Boolean, Boolean: true } ? 1 : 0),
                "maximum" => IsNumber(value) && Compare(value, wanted) > (schema["exclusiveMaximum"] is { Kind: ValueKind.Boolean, Boolean: true } ? -1 : 0),
                "exclusiveMinimum" => wanted.Kind != ValueKind.Boolean && IsNumber(value) && Compare(value, wanted) <= 0,
                "exclusiveMaximum" => wanted.Kind != ValueKind.Boolean && IsNumber(value) && Compare(value, wanted) >= 0,
                "multipleOf" => IsNumber(value) && !IsMultiple(value, wanted),
                "minLength" => value.IsText && Length(value) < wanted.Long,
                "maxLength" => value.IsText && Length(value) > wanted.Long,
                "pattern" => value.IsText && !Patterns.Search(wanted.Text, value.Text).Success,
                "minItems" => value.Kind == ValueKind.List && value.List.Count < wanted.Long,
                "maxItems" => value.Kind == ValueKind.List && value.List.Count > wanted.Long,
                "uniqueItems" => wanted.Boolean && value.Kind == ValueKind.List && value.List.Where((item, at) => value.List.Take(at).Any(other => Same(item, other))).Any(),
                "minProperties" => value.Kind == ValueKind.Map && value.Map.Count < wanted.Long,
                "maxProperties" => value.Kind == ValueKind.Map && value.Map.Count > wanted.Long,
                "required" => value.Kind == ValueKind.Map && wanted.List.Any(name => !value.Map.Has(name.Text)),
                _ => false,
            };
            if (broken)
                return new SchemaFault(place, keyword);
        }

        return null;
    }

    private SchemaFault? Members(ValueMap schema, ValueMap members, string place, int depth)
    {
        foreach (var (name, member) in members)
        {
            var inner = $"{place}.{name}";
            var isKnown = false;
            if (schema["properties"] is { Kind: ValueKind.Map } properties && properties.Map.TryGet(name, out var property))
            {
                isKnown = true;
                if (Find(property, member, inner, depth + 1) is { } fault)
                    return fault;
            }

            foreach (var (pattern, patterned) in Map(schema["patternProperties"]))
            {
                if (!Patterns.Search(pattern, name).Success)
                    continue;
                isKnown = true;
                if (Find(patterned, member, inner, depth + 1) is { } fault)
                    return fault;
            }

            if (!isKnown && schema.TryGet("additionalProperties", out var others) && Find(others, member, inner, depth + 1) is { } other)
                return others.Kind == ValueKind.Boolean ? new SchemaFault(inner, "additionalProperties") : other;
            if (schema.TryGet("propertyNames", out var names) && !Fits(names, Value.Of(name), depth))
                return new SchemaFault(inner, "propertyNames");
        }

        return Dependencies(schema, members, place, depth);
    }

    private SchemaFault? Dependencies(ValueMap schema, ValueMap members, string place, int depth)
    {
        foreach (var (name, needs) in Map(schema["dependencies"]).Concat(Map(schema["dependentRequired"])).Concat(Map(schema["dependentSchemas"])))
        {
            if (!members.Has(name))
                continue;
            if (needs.Kind == ValueKind.List ? needs.List.Any(need => !members.Has(need.Text)) : !Fits(needs, Value.Of(members), depth))
                return new SchemaFault($"{place}.{name}", "dependencies");
        }

        return null;
    }

    private SchemaFault? Items(ValueMap schema, ValueList list, string place, int depth)
    {
        var (items, others) = (schema["items"], schema["additionalItems"]);
        for (var at = 0; at < list.Count; at++)
        {
            var wanted = items.Kind != ValueKind.List ? items : at < items.List.Count ? items.List[at] : others;
            if (!wanted.IsUndefined && Find(wanted, list[at], $"{place}[{at}]", depth + 1) is { } fault)
                return fault;
        }

        return schema.TryGet("contains", out var contained) && !list.Any(item => Fits(contained, item, depth)) ? new SchemaFault(place, "contains") : null;
    }

    private SchemaFault? Combined(ValueMap schema, Value value, string place, int depth)
    {
        foreach (var part in List(schema["allOf"]))
        {
            if (Find(part, value, place, depth + 1) is { } fault)
                return fault;
        }

        if (schema["anyOf"] is { Kind: ValueKind.List } any && !any.List.Any(choice => Fits(choice, value, depth)))
            return new SchemaFault(place, "anyOf");
        if (schema["oneOf"] is { Kind: ValueKind.List } one && one.List.Count(choice => Fits(choice, value, depth)) != 1)
            return new SchemaFault(place, "oneOf");
        if (schema.TryGet("not", out var not) && Fits(not, value, depth))
            return new SchemaFault(place, "not");
        if (!schema.TryGet("if", out var condition))
            return null;

        return schema.TryGet(Fits(condition, value, depth) ? "then" : "else", out var then) ? Find(then, value, place, depth + 1) : null;
    }

    private static bool IsType(Value value, string type) => type switch
    {
        "object" => value.Kind == ValueKind.Map,
        "array" => value.Kind == ValueKind.List,
        "string" => value.IsText,
        "boolean" => value.Kind == ValueKind.Boolean,
        "null" => value.IsNothing,
        "number" => IsNumber(value),
        _ => value.Kind == ValueKind.Integer || (value.Kind == ValueKind.Float && double.IsInteger(value.Double)),
    };

    private static bool IsNumber(Value value) => value.Kind is ValueKind.Integer or ValueKind.Float;

    private static int Compare(Value value, Value wanted) => value.Kind == ValueKind.Integer && wanted.Kind == ValueKind.Integer
        ? value.Integer.CompareTo(wanted.Integer)
        : value.Double.CompareTo(wanted.Double);

    private static bool IsMultiple(Value value, Value divisor)
    {
        if (value.Kind == ValueKind.Integer && divisor.Kind == ValueKind.Integer)
            return BigInteger.Remainder(value.Integer, divisor.Integer).IsZero;

        // As decimals, because 0.3 is no multiple of 0.1 in binary.
        return decimal.TryParse(PythonText.Str(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.TryParse(PythonText.Str(divisor), NumberStyles.Float, CultureInfo.InvariantCulture, out var by) && by != 0
                ? number % by == 0
                : Math.IEEERemainder(value.Double, divisor.Double) == 0;
    }

    /// <summary>Characters as people count them, not the halves of pairs.</summary>
    private static int Length(Value text) => text.Text.EnumerateRunes().Count();

    /// <summary>JSON's equality: a boolean is no number, whatever Python says.</summary>
    private static bool Same(Value one, Value other) => (one.Kind == ValueKind.Boolean) == (other.Kind == ValueKind.Boolean) && Operators.AreEqual(one, other);

    private static IEnumerable<KeyValuePair<string, Value>> Map(Value value) => value.Kind == ValueKind.Map ? value.Map : [];

    private static IEnumerable<Value> List(Value value) => value.Kind == ValueKind.List ? value.List : [];
}
