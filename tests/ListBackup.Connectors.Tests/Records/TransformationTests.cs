using System.Text;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Records;

public class TransformationTests
{
    private static string Apply(string transformation, string record)
    {
        var parsed = Components.Parse(transformation, Transformation.Parse);
        var before = ValueJson.Parse(Encoding.UTF8.GetBytes(record));
        var context = new ExpressionContext(TimeProvider.System).Set(Variable.Record, before).Set(Variable.Config, ValueJson.Parse("""{"c":"007"}""")).Set(Variable.StreamSlice, ValueJson.Parse("{}"));

        return ValueJson.ToText(Value.Of(parsed.Apply(before.Map, context)));
    }

    /// <summary>Numbers beyond 2^53, decimals, escapes: whatever is moved keeps its bytes.</summary>
    private const string Odd = """{"Big Id":12345678901234567890,"Price":1.10,"Name":"\u00e9\/x","In":{"Big Id":9007199254740993,"E":1E5}}""";

    [Theory]
    [InlineData("{ type: KeysToLower }", Odd, """{"big id":12345678901234567890,"price":1.10,"name":"\u00e9\/x","in":{"Big Id":9007199254740993,"E":1E5}}""")]
    [InlineData("{ type: KeysToSnakeCase }", Odd, """{"big_id":12345678901234567890,"price":1.10,"name":"\u00e9\/x","in":{"Big Id":9007199254740993,"E":1E5}}""")]
    [InlineData("{ type: KeysReplace, old: \" \", new: \"_\" }", Odd, """{"Big_Id":12345678901234567890,"Price":1.10,"Name":"\u00e9\/x","In":{"Big_Id":9007199254740993,"E":1E5}}""")]
    [InlineData("{ type: FlattenFields }", Odd, """{"E":1E5,"Big Id":12345678901234567890,"Name":"\u00e9\/x","Price":1.10,"In.Big Id":9007199254740993}""")]
    [InlineData("{ type: DpathFlattenFields, field_path: [In], key_transformation: { type: KeyTransformation, prefix: in_, suffix: \"!\" } }", Odd, """{"Big Id":12345678901234567890,"Price":1.10,"Name":"\u00e9\/x","In":{"Big Id":9007199254740993,"E":1E5},"in_Big Id!":9007199254740993,"in_E!":1E5}""")]
    [InlineData("{ type: RemoveFields, field_pointers: [[\"**\"]], condition: \"{{ property == 1.10 }}\" }", Odd, """{"Big Id":12345678901234567890,"Name":"\u00e9\/x","In":{"Big Id":9007199254740993,"E":1E5}}""")]
    [InlineData("{ type: AddFields, fields: [{ path: [copy], value: \"{{ record['In']['Big Id'] }}\" }] }", Odd, """{"Big Id":12345678901234567890,"Price":1.10,"Name":"\u00e9\/x","In":{"Big Id":9007199254740993,"E":1E5},"copy":9007199254740993}""")]
    public void What_is_moved_keeps_its_bytes(string transformation, string record, string expected) =>
        Sorted(Apply(transformation, record)).ShouldBe(Sorted(expected));

    [Theory]
    [InlineData("{ type: KeysToLower }", """{"Id":1,"id":2,"X":3}""", """{"Id":1,"id":2,"x":3}""")]
    [InlineData("{ type: KeysToSnakeCase }", """{"first name":1,"First-Name":2,"last":3}""", """{"first name":1,"First-Name":2,"last":3}""")]
    [InlineData("{ type: KeysReplace, old: a, new: b }", """{"a":1,"b":2,"la":3}""", """{"a":1,"b":2,"lb":3}""")]
    [InlineData("{ type: KeysReplace, old: a, new: ~ }", """{"a":1}""", """{"a":1}""")]
    [InlineData("{ type: FlattenFields }", """{"x":1,"b":{"x":2}}""", """{"b.x":2,"x":1}""")]
    [InlineData("{ type: FlattenFields }", """{"a":{"x":1},"b":{"x":2},"e":{},"l":[]}""", """{"l":[],"e":{},"x":2,"a.x":1}""")]
    [InlineData("{ type: DpathFlattenFields, field_path: [in], delete_origin_value: true }", """{"id":1,"in":{"id":2,"x":3}}""", """{"id":1,"in":{"id":2,"x":3}}""")]
    public void Two_fields_that_would_get_one_name_are_both_kept(string transformation, string record, string expected) =>
        Sorted(Apply(transformation, record)).ShouldBe(Sorted(expected));

    [Theory]
    [InlineData("createdAt", "created_at")]
    [InlineData("HTTPServer", "httpserver")]
    [InlineData("2nd value", "_2_nd_value")]
    [InlineData("First Name (home)", "first_name_home_")]
    [InlineData("__x", "_x")]
    [InlineData("Straße é", "strasse_e")]
    [InlineData("ÆøÞ", "aeo_th")]
    [InlineData("имяКлиента", "имя_клиента")]
    [InlineData("名前", "名前")]
    [InlineData("!!!", "!!!")]
    public void Keys_become_words_with_underscores(string key, string expected) =>
        Apply("{ type: KeysToSnakeCase }", $$"""{"{{key}}":1}""").ShouldBe($$"""{"{{expected}}":1}""");

    [Theory]
    [InlineData("{ type: FlattenFields }", """{"a":[1,{"b":2}],"c":{"d":3}}""", """{"d":3,"a.1.b":2,"a.0":1}""")]
    [InlineData("{ type: FlattenFields, flatten_lists: false }", """{"a":[1,{"b":2}],"c":{"d":3}}""", """{"d":3,"a":[1,{"b":2}]}""")]
    [InlineData("{ type: DpathFlattenFields, field_path: [a], delete_origin_value: true }", """{"a":{"b":1},"c":2}""", """{"c":2,"b":1}""")]
    [InlineData("{ type: DpathFlattenFields, field_path: [a], replace_record: true }", """{"a":{"b":1},"c":2}""", """{"b":1}""")]
    [InlineData("{ type: DpathFlattenFields, field_path: [a], replace_record: true }", """{"a":[1],"c":2}""", """{"a":[1],"c":2}""")]
    [InlineData("{ type: DpathFlattenFields, field_path: [a, '*'] }", """{"a":[{"b":1},{"c":2}]}""", """{"a":[{"b":1},{"c":2}],"b":1,"c":2}""")]
    public void Nested_fields_come_to_the_top(string transformation, string record, string expected) =>
        Sorted(Apply(transformation, record)).ShouldBe(Sorted(expected));

    [Theory]
    [InlineData("field_pointers: [[a], [b, c], [nobody, there]]", """{"a":1,"b":{"c":2,"d":3}}""", """{"b":{"d":3}}""")]
    [InlineData("field_pointers: [[l, '*', x]]", """{"l":[{"x":1,"y":2},{"x":3}]}""", """{"l":[{"y":2},{}]}""")]
    [InlineData("field_pointers: [['**']], condition: \"{{ property is none }}\"", """{"a":null,"b":{"c":null,"d":1},"l":[null,{"e":null,"f":2}]}""", """{"b":{"d":1},"l":[{"f":2}]}""")]
    [InlineData("field_pointers: [['**', secret]], condition: \"{{ property == 'x' }}\"", """{"secret":"x","a":{"secret":"x","b":{"secret":"y"}},"l":[{"secret":"x"}]}""", """{"a":{"b":{"secret":"y"}},"l":[{}]}""")]
    [InlineData("field_pointers: [[l, '*']], condition: \"{{ property < 2 }}\"", """{"l":[1,2,3]}""", """{"l":[2,3]}""")]
    [InlineData("field_pointers: [[a]], condition: \"{{ property == 2 }}\"", """{"a":1}""", """{"a":1}""")]
    [InlineData("field_pointers: [[a]], condition: \"\"", """{"a":1,"b":1}""", """{"b":1}""")]
    public void Fields_are_removed_where_the_condition_holds(string options, string record, string expected) =>
        Apply($"{{ type: RemoveFields, {options} }}", record).ShouldBe(expected);

    [Theory]
    [InlineData("fields: [{ path: [a, b], value: x }]", """{"a":{"c":1}}""", """{"a":{"c":1,"b":"x"}}""")]
    [InlineData("fields: [{ path: [a], value: 1 }, { path: [b], value: \"{{ record.a + 1 }}\" }]", "{}", """{"a":1,"b":2}""")]
    [InlineData("fields: [{ path: [l, '2'], value: x }]", """{"l":["a"]}""", """{"l":["a",null,"x"]}""")]
    [InlineData("fields: [{ path: [a], value: \"{{ config.c }}\", value_type: string }]", "{}", """{"a":"007"}""")]
    [InlineData("fields: [{ path: [a], value: \"{{ '12' }}\", value_type: integer }]", "{}", """{"a":12}""")]
    [InlineData("fields: [{ path: [a], value: \"{{ '1.50' }}\", value_type: string }]", "{}", """{"a":"1.50"}""")]
    [InlineData("fields: [{ path: [a], value: x }], condition: \"{{ record.b == 1 }}\"", """{"b":2}""", """{"b":2}""")]
    [InlineData("fields: [{ path: [b], value: 1 }, { path: [a], value: x }], condition: \"{{ record.b is defined and record.b != 3 }}\"", """{"b":2}""", """{"b":1,"a":"x"}""")]
    public void Fields_are_added(string options, string record, string expected) =>
        Apply($"{{ type: AddFields, {options} }}", record).ShouldBe(expected);

    /// <summary>Members in the order of their names; the order of a record's fields says nothing.</summary>
    private static string Sorted(string json) => string.Join(',', ValueJson.Parse(json).Map.WrittenMembers
        .OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"\"{member.Key}\":{Encoding.UTF8.GetString(member.Json.Span)}"));
}
