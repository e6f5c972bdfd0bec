using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Schemas;

public class JsonSchemaValidatorTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1", "1.0", "true", "1.5", "\"1\"")]
    [InlineData("""{"type":["string","null"]}""", "\"\"", "null", "0", "[]", "{}")]
    [InlineData("""{"const":{"a":1}}""", """{"a":1}""", """{"a":1.0}""", """{"a":2}""", "null", "1")]
    [InlineData("""{"enum":[1,"a",false]}""", "false", "1", "0", "true", "\"b\"")]
    [InlineData("""{"minimum":1,"exclusiveMaximum":3}""", "1", "\"x\"", "3", "0.5", "4")]
    [InlineData("""{"minimum":1,"exclusiveMinimum":true}""", "2", "1.5", "1", "0", "-1")]
    [InlineData("""{"multipleOf":0.1}""", "0.3", "2", "0.35", "0.01", "1.23")]
    [InlineData("""{"minLength":2,"maxLength":3}""", "\"ab\"", "\"😀😀\"", "\"a\"", "\"😀\"", "\"abcd\"")]
    [InlineData("""{"pattern":"^a"}""", "\"ab\"", "1", "\"ba\"", "\"\"", "\"A\"")]
    [InlineData("""{"items":{"type":"string"},"minItems":1,"uniqueItems":true}""", "[\"a\"]", "{}", "[]", "[1]", "[\"a\",\"a\"]")]
    [InlineData("""{"items":[{"type":"string"}],"additionalItems":{"type":"integer"}}""", "[\"a\",1]", "[]", "[1]", "[\"a\",\"b\"]", "[\"a\",1,null]")]
    [InlineData("""{"contains":{"const":1}}""", "[0,1]", "1", "[]", "[0]", "[\"1\"]")]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", """{"a":"x"}""", "[]", "{}", """{"a":1}""", """{"a":"x","b":1}""")]
    [InlineData("""{"patternProperties":{"^n":{"type":"number"}},"propertyNames":{"maxLength":2},"maxProperties":1}""", """{"n1":1}""", """{"a":"x"}""", """{"n":"x"}""", """{"abc":1}""", """{"a":1,"b":2}""")]
    [InlineData("""{"dependencies":{"a":["b"],"c":{"required":["d"]}}}""", """{"a":1,"b":2}""", """{"c":1,"d":1}""", """{"a":1}""", """{"c":1}""", """{"a":1,"c":1,"b":1}""")]
    [InlineData("""{"allOf":[{"type":"string"},{"minLength":1}]}""", "\"a\"", "\"b\"", "\"\"", "1", "null")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":5}]}""", "1", "5.5", "7", "1.5", "2.5")]
    [InlineData("""{"not":{"anyOf":[{"type":"null"},{"const":0}]}}""", "1", "\"\"", "null", "0", "0.0")]
    [InlineData("""{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}""", """{"a":1,"b":1}""", """{"c":1}""", """{"a":1}""", "{}", """{"b":1}""")]
    [InlineData("""{"$ref":"#/definitions/tree","definitions":{"tree":{"type":"object","properties":{"child":{"$ref":"#/definitions/tree"}},"additionalProperties":false}}}""", """{"child":{"child":{}}}""", "{}", "[]", """{"child":1}""", """{"child":{"x":1}}""")]
    public void A_value_fits_or_breaks_a_schema(string schema, string one, string two, string wrong, string wrongToo, string alsoWrong)
    {
        var validator = JsonSchemaValidator.Compile(ValueJson.Parse(schema));

        foreach (var right in (string[])[one, two])
            validator.FirstFault(ValueJson.Parse(right)).ShouldBeNull(right);
        foreach (var broken in (string[])[wrong, wrongToo, alsoWrong])
            validator.FirstFault(ValueJson.Parse(broken)).ShouldNotBeNull(broken);
    }

    [Fact]
    public void A_fault_names_place_and_keyword_and_quotes_nothing() =>
        JsonSchemaValidator.Compile(ValueJson.Parse("""{"properties":{"a":{"items":{"maxLength":1}}}}"""))
            .FirstFault(ValueJson.Parse("""{"a":["x","secret"]}""")).ShouldBe(new SchemaFault(".a[1]", "maxLength"));

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"},{"$ref":"#"}]}""")]
    public void A_schema_that_never_ends_ends(string schema) =>
        JsonSchemaValidator.Compile(ValueJson.Parse(schema)).FirstFault(Value.None)!.Rule.ShouldBe("$ref");

    [Theory]
    [InlineData("""{"type":"text"}""")]
    [InlineData("""{"properties":{"a":{"minimun":1}}}""")]
    [InlineData("""{"pattern":"("}""")]
    [InlineData("""{"$ref":"#/nowhere"}""")]
    [InlineData("""{"$ref":"https://example.com/schema"}""")]
    [InlineData("""{"required":true}""")]
    [InlineData("""{"multipleOf":0}""")]
    [InlineData("""[]""")]
    public void A_schema_that_cannot_be_checked_is_refused(string schema) =>
        Should.Throw<JsonSchemaException>(() => JsonSchemaValidator.Compile(ValueJson.Parse(schema)));
}
