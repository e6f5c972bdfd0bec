using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Expressions;

public class TemplateTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2025, 3, 15, 12, 34, 56, TimeSpan.Zero));

    [Theory]
    [InlineData("{{ record.id }}", "9007199254740993")]
    [InlineData("{{ record.price }}", "1.10")]
    [InlineData("{{ record.huge }}", "123456789012345678901234567890")]
    [InlineData("{{ record }}", """{"id":9007199254740993,"price":1.10,"huge":123456789012345678901234567890,"name":"O'Neil \u00e9","tags":[ 1, 2.50 ],"nested":{"a":{"b":null}}}""")]
    [InlineData("{{ record.tags }}", "[ 1, 2.50 ]")]
    [InlineData("{{ record.nested.a.b }}", "null")]
    [InlineData("{{ record.nested.x.y.z }}", "null")]
    [InlineData("{{ record.id + 1 }}", "9007199254740994")]
    [InlineData("{{ record.name | upper }}", "\"O'NEIL É\"")]
    [InlineData("{{ 7 // 2 }}-{{ -7 // 2 }}-{{ 7 % -3 }}-{{ 2 ** 10 }}", "\"3--4--2-1024\"")]
    [InlineData("{{ 1 < 2 <= 2 }}", "true")]
    [InlineData("{{ 'b' in ['a', 'b'] and 'x' not in record }}", "true")]
    [InlineData("{{ 'abcdef'[1:-1:2] }}", "\"bd\"")]
    [InlineData("{{ '%05d|%s' % (42, 'x') }}", "\"00042|x\"")]
    [InlineData("{{ '{:>4}|{:.2f}'.format('a', 1.5) }}", "\"   a|1.50\"")]
    [InlineData("{% for i in [1, 2, 3] if i != 2 %}{{ loop.index }}:{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "\"1:1,2:3\"")]
    [InlineData("{% raw %}{{ x }}{% endraw %}{# gone #}", "\"{{ x }}\"")]
    [InlineData("007", "\"007\"")]
    [InlineData("0x1F", "31")]
    [InlineData("'a' 'b'", "\"ab\"")]
    [InlineData("[1, 'a', None, {'b': True}]", """[1,"a",null,{"b":true}]""")]
    [InlineData("{{ [3, 1, 2] | sort | join('-') }}", "\"1-2-3\"")]
    [InlineData("{{ {'b': 1, 'a': 2} | tojson }}", """{"a":2,"b":1}""")]
    [InlineData("{{ 'a b/c' | urlencode }}", "\"a%20b/c\"")]
    [InlineData("{{ 'secret' | base64encode }}", "\"c2VjcmV0\"")]
    [InlineData("{{ 'data' | hmac('key', 'sha256') }}", "\"5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0\"")]
    [InlineData("{{ format_datetime('2024-05-06T07:08:09.123456Z', '%Y-%m-%dT%H:%M:%S.%_msZ') }}", "\"2024-05-06T07:08:09.123Z\"")]
    [InlineData("{{ (str_to_datetime('2024-03-31') - duration('P1M')).strftime('%Y-%m-%d') }}", "\"2024-02-29\"")]
    [InlineData("{{ config.missing or 'x' }}", "\"x\"")]
    [InlineData("{{ 1e300 * 1e10 }}", "\"inf\"")]
    public void A_template_has_the_value_that_the_language_gives_it(string template, string json)
    {
        var context = new ExpressionContext(Clock)
            .Set(Variable.Config, ValueJson.Parse("{}"))
            .Set(Variable.Record, ValueJson.Parse("""{"id":9007199254740993,"price":1.10,"huge":123456789012345678901234567890,"name":"O'Neil \u00e9","tags":[ 1, 2.50 ],"nested":{"a":{"b":null}}}"""));

        ValueJson.ToText(Template.Parse(template).Evaluate(context)).ShouldBe(json);
    }

    [Theory]
    [InlineData("{{ 'a' * 999999999 }}")]
    [InlineData("{{ 9 ** 99999 }}")]
    [InlineData("{% for a in [0] * 9999 %}{% for b in [0] * 9999 %}{{ a }}{% endfor %}{% endfor %}")]
    [InlineData("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex_search('^(?=(a+)+$)(a+)+$') }}")]
    [InlineData("{{ unknown }}")]
    [InlineData("{{ record | nonsense }}")]
    [InlineData("{{ record is nonsense }}")]
    [InlineData("{% include 'x' %}")]
    [InlineData("{{ 1 / 0 }}")]
    [InlineData("{{ 'open }}")]
    [InlineData("{{ (1 }}")]
    public void A_template_that_cannot_be_computed_says_so_in_time(string template)
    {
        var context = new ExpressionContext(Clock).Set(Variable.Record, Value.Of("x"));

        Should.Throw<ExpressionException>(() => Template.Parse(template).Evaluate(context));
    }

    [Fact]
    public void A_template_nested_without_end_is_refused_instead_of_overflowing_the_stack()
    {
        foreach (var nested in new[] { $"{{{{ {new string('(', 5000)} }}}}", $"{{{{ {string.Concat(Enumerable.Repeat("not ", 5000))} 1 }}}}", $"{{{{ {new string('-', 5000)}1 }}}}" })
            Should.Throw<ExpressionException>(() => Template.Parse(nested));

        PythonLiteral.Read(new string('[', 100_000)).ShouldBeNull();
    }

    [Fact]
    public void Any_text_parses_or_is_refused_and_never_breaks_the_parser()
    {
        string[] pieces = ["{{", "}}", "{%", "%}", "{#", "#}", "record", ".", "[", "]", "(", ")", "'", "\"", "if", "else", "for", "in", "set", "endif", "endfor", "|", "int", "is", "none", "1", "1.5", "-", "+", "~", ":", ",", "{", "}", " ", "\n", "\\", "é", "not", "and"];

        Gen.Int[0, pieces.Length - 1].Array[0, 25].Sample(
            chosen =>
            {
                var text = string.Concat(chosen.Select(index => pieces[index]));
                try
                {
                    Template.Parse(text).Evaluate(new ExpressionContext(Clock).Set(Variable.Record, ValueJson.Parse("""{"a":1}""")));
                }
                catch (ExpressionException)
                {
                    // Refused with a reason; anything else would fail the test.
                }
            },
            iter: 20_000);
    }

    [Fact]
    public void A_changed_map_writes_what_nobody_touched_byte_for_byte()
    {
        var json = """{"id":12345678901234567890.10,"text":"\u00e9\/","list":[ 1.0,{"deep": 1e5}],"gone":1,"name":"a"}""";
        var map = ValueJson.Parse(json).Map;
        map.Remove("gone");
        map.Set("name", Value.Of("é\"<"));
        map.Set("new", Value.Of(1.5));

        ValueJson.ToText(Value.Of(map)).ShouldBe("""{"id":12345678901234567890.10,"text":"\u00e9\/","list":[ 1.0,{"deep": 1e5}],"name":"é\"<","new":1.5}""");
    }

    [Fact]
    public void Literals_read_back_as_what_was_printed()
    {
        var leaf = Gen.OneOf(
            Gen.Long.Select(Value.Of), Gen.Double.Where(double.IsFinite).Select(number => Value.Of(number)), Gen.Bool.Select(Value.Of), Gen.Const(Value.None),
            Gen.String[Gen.Char.Where(character => !char.IsSurrogate(character)), 0, 12].Select(Value.Of));
        var tree = leaf.Array[0, 4].Select(items => Value.Of(items)).Array[0, 4].Select(items => Value.Of(items));

        tree.Sample(value => Encoding.UTF8.GetString(ValueJson.ToBytes(PythonLiteral.Read(PythonText.Repr(value))!.Value)) == ValueJson.ToText(value));
    }
}
