using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Domain;

namespace ListBackup.Platforms.Tests;

public sealed class ConfigSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","required":["key"]}""", "{}", ".key")]
    [InlineData("""{"type":"object","required":["key"]}""", """{"key":null}""", ".key")]
    [InlineData("""{"properties":{"n":{"type":"integer"}}}""", """{"n":"5"}""", ".n")]
    [InlineData("""{"properties":{"n":{"type":"integer"}}}""", """{"n":1.5}""", ".n")]
    [InlineData("""{"properties":{"n":{"type":"integer","minimum":1,"maximum":9}}}""", """{"n":10}""", ".n")]
    [InlineData("""{"properties":{"s":{"type":"string","pattern":"^[a-z]+$"}}}""", """{"s":"A"}""", ".s")]
    [InlineData("""{"properties":{"s":{"type":"string","minLength":2}}}""", """{"s":"A"}""", ".s")]
    [InlineData("""{"properties":{"s":{"enum":["a","b"]}}}""", """{"s":"c"}""", ".s")]
    [InlineData("""{"properties":{"s":{"type":"string","format":"date-time"}}}""", """{"s":"yesterday"}""", ".s")]
    [InlineData("""{"properties":{"s":{"type":"string","format":"date"}}}""", """{"s":"2026-02-30"}""", ".s")]
    [InlineData("""{"additionalProperties":false,"properties":{}}""", """{"x":1}""", ".x")]
    [InlineData("""{"properties":{"l":{"type":"array","minItems":1}}}""", """{"l":[]}""", ".l")]
    [InlineData("""{"properties":{"l":{"type":"array","items":{"type":"string"}}}}""", """{"l":["a",2]}""", ".l[1]")]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1}""", ".b")]
    public void What_does_not_fit_is_named_by_its_path(string schema, string config, string path) =>
        Check(schema, config).Keys.ShouldBe([path]);

    [Theory]
    [InlineData("""{"type":"object","required":["key"],"properties":{"key":{"type":"string"}}}""", """{"key":"k"}""")]
    [InlineData("""{"properties":{"n":{"type":["integer","null"]}}}""", """{"n":9007199254740993}""")]
    [InlineData("""{"properties":{"n":{"type":"number"}}}""", """{"n":null}""")]
    [InlineData("{}", """{"anything":[1,{"a":true}]}""")]
    [InlineData("""{"properties":{"s":{"type":"string","pattern":"(("}}}""", """{"s":"A"}""")]
    public void What_fits_is_accepted(string schema, string config) => Check(schema, config).ShouldBeEmpty();

    [Fact]
    public void Of_several_choices_the_one_that_fits_best_explains_what_is_missing()
    {
        const string schema = """
            {"properties":{"credentials":{"oneOf":[
              {"required":["kind","client_id","client_secret"],"properties":{"kind":{"const":"oauth"}}},
              {"required":["kind","api_key"],"properties":{"kind":{"const":"key"}}}]}}}
            """;

        Check(schema, """{"credentials":{"kind":"key"}}""").Keys.ShouldBe([".credentials.api_key"]);
        Check(schema, """{"credentials":{"kind":"key","api_key":"k"}}""").ShouldBeEmpty();
    }

    [Fact]
    public void A_pattern_that_never_ends_does_not_hold_the_process()
    {
        var schema = """{"properties":{"s":{"type":"string","pattern":"^(a+)+$"}}}""";

        Check(schema, $$"""{"s":"{{new string('a', 40)}}!"}""").ShouldBeEmpty();
    }

    [Fact]
    public void Values_never_appear_in_messages()
    {
        var problem = Should.Throw<Problem>(() => Schema("""{"properties":{"s":{"type":"integer"},"t":{"pattern":"x"},"u":{"enum":["a"]}}}""")
            .Require(Json("""{"s":"hunter2","t":"hunter2","u":"hunter2"}""")));

        problem.Errors.Count.ShouldBe(3);
        problem.Message.ShouldNotContain("hunter2");
    }

    private static IReadOnlyDictionary<string, List<string>> Check(string schema, string config) => Schema(schema).Check(Json(config));

    private static ConfigSchema Schema(string schema) => new(JsonDocument.Parse(schema).RootElement);

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;
}
