using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Expressions;

/// <summary>Anybody may write expressions; they compute values and nothing else, and not for long.</summary>
public class HostileExpressionTests
{
    /// <summary>Most that an expression may allocate before a limit stops it. Most of it is garbage at once: nested loops make their inner lists again and again.</summary>
    private const long BytesMax = 2L * 1024 * 1024 * 1024;

    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2025, 3, 15, 12, 34, 56, TimeSpan.Zero));

    private static ExpressionContext Context => new ExpressionContext(Clock)
        .Set(Variable.Config, ValueJson.Parse("""{"key":"very-secret-key","list":[1,2,3],"map":{"a":1}}"""))
        .Set(Variable.Record, ValueJson.Parse("""{"id":1,"name":"a"}"""));

    [Theory]
    [InlineData("{{ ''.__class__ }}")]
    [InlineData("{{ ''.__class__.__mro__[1].__subclasses__() }}")]
    [InlineData("{{ config.__init__.__globals__ }}")]
    [InlineData("{{ config['__class__'] }}")]
    [InlineData("{{ config.list.__add__ }}")]
    [InlineData("{{ config.GetType() }}")]
    [InlineData("{{ config.GetType().Assembly.GetType('System.Diagnostics.Process') }}")]
    [InlineData("{{ ''.GetType }}")]
    [InlineData("{{ record.Map.Keys }}")]
    [InlineData("{{ record | attr('__class__') }}")]
    [InlineData("{{ self.__init__ }}")]
    [InlineData("{{ cycler.__init__ }}")]
    [InlineData("{{ now_utc.__globals__ }}")]
    [InlineData("{{ lipsum.__globals__['os'].popen('id').read() }}")]
    [InlineData("{{ __import__('os').environ }}")]
    [InlineData("{{ open('/etc/passwd').read() }}")]
    [InlineData("{{ eval('1') }}")]
    [InlineData("{{ env('PATH') }}")]
    [InlineData("{{ '%s'.format(config).__class__ }}")]
    [InlineData("{{ '{0.__class__}'.format('') }}")]
    [InlineData("{{ '{0.__class__.__init__.__globals__}'.format(config) }}")]
    [InlineData("{{ '{a.GetType}'.format(a='x') }}")]
    [InlineData("{% import 'os' as os %}{{ os }}")]
    [InlineData("{% extends '/etc/passwd' %}")]
    [InlineData("{% include '/etc/passwd' %}")]
    public void Nothing_leads_from_a_value_to_the_runtime(string template)
    {
        string result;
        try
        {
            result = PythonText.Str(Template.Parse(template).Evaluate(Context));
        }
        catch (ExpressionException exception)
        {
            result = exception.Message.Split(" In: ")[0];
            exception.Message.ShouldNotContain("very-secret-key");
        }

        // No value, a refusal, or the template's own text, which is what the language makes of what has the wrong type.
        foreach (var trace in new[] { "<class", "System.", "ListBackup.", "root:", "PATH=", "/usr/bin", "uid=", "<built-in", "<method" })
            result.Replace(template, "", StringComparison.Ordinal).ShouldNotContain(trace);
    }

    [Theory]
    [InlineData("{{ (['a' * 1000000] * 100000) | map('upper') | list }}")]
    [InlineData("{% for i in [0] * 9999 %}{% set t = 'a' * 1000000 %}{% endfor %}")]
    [InlineData("{{ 'a' * 10 ** 9 }}")]
    [InlineData("{{ 'a' * 10 ** 18 }}")]
    [InlineData("{{ [1] * 10 ** 9 }}")]
    [InlineData("{{ range(10 ** 12) | list }}")]
    [InlineData("{{ range(10 ** 12) | length }}")]
    [InlineData("{% for i in range(10 ** 9) %}{{ i }}{% endfor %}")]
    [InlineData("{% for i in [1] * 5000 %}{% for j in [1] * 5000 %}{% for k in [1] * 5000 %}{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{{ 2 ** 2 ** 2 ** 2 ** 2 ** 2 }}")]
    [InlineData("{{ 10 ** 10 ** 10 }}")]
    [InlineData("{{ '%999999999d' % 1 }}")]
    [InlineData("{{ '{:>999999999}'.format(1) }}")]
    [InlineData("{{ 'a'.ljust(10 ** 9) }}")]
    [InlineData("{{ 'a'.zfill(10 ** 9) }}")]
    [InlineData("{{ 'a' | center(10 ** 9) }}")]
    [InlineData("{{ 'a' | indent(10 ** 9) }}")]
    [InlineData("{{ ('a' * 100000).replace('a', 'b' * 100000) }}")]
    [InlineData("{{ ('a' * 100000) | replace('', 'b' * 100000) }}")]
    [InlineData("{{ ('b' * 100000).join(['a'] * 100000) }}")]
    [InlineData("{{ (['a'] * 100000) | join('b' * 100000) }}")]
    [InlineData("{% set x = 'a' * 9000000 %}{% set x = x ~ x %}{% set x = x ~ x %}{% set x = x ~ x %}{{ x }}")]
    [InlineData("{% for i in [1] * 64 %}{{ 'a' * 9000000 }}{% endfor %}")]
    [InlineData("{{ ['a' * 16000000] * 100000 | join }}")]
    [InlineData("{{ (['a' * 1000000] * 100000) | join }}")]
    [InlineData("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex_search('(?=x?)(a|a)*$') }}")]
    [InlineData("{{ ('a' * 200000) | regex_replace('a', 'b' * 100000) }}")]
    [InlineData("{{ ('1' * 100000) | int }}")]
    [InlineData("{{ '[' * 100000 }}")]
    [InlineData("{{ [[[1] * 1000] * 1000] * 1000 | string }}")]
    [InlineData("{{ ([[[[1] * 1000] * 1000] * 1000]) | tojson }}")]
    [InlineData("{{ ([[[[1] * 1000] * 1000] * 1000]) | string }}")]
    [InlineData("{{ duration('P999999999999999999999Y') }}")]
    [InlineData("{{ day_delta(10 ** 18) }}")]
    [InlineData("{{ timestamp(10 ** 18) }}")]
    [InlineData("{{ now_utc() + duration('P99999Y') }}")]
    public void What_would_take_long_or_much_is_stopped(string template)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        string? message = null;
        try
        {
            Template.Parse(template).Evaluate(Context);
        }
        catch (ExpressionException exception)
        {
            message = exception.Message;
        }

        // Some of these are small in the end; what counts is that none is large, and none breaks anything.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(BytesMax);
        if (message is not null)
            (message.Contains(" In: ", StringComparison.Ordinal) || message.Contains("is not known", StringComparison.Ordinal) || message.Contains("is not a name", StringComparison.Ordinal)).ShouldBeTrue(message);
    }

    [Fact]
    public void A_hostile_expression_is_named_with_its_place_in_the_manifest()
    {
        var exception = Should.Throw<Manifest.ManifestException>(() => Connector.Load(Manifests.OneStream("{{ record | nonsense }}")));

        exception.Message.ShouldContain("requester.path");
    }

    [Fact]
    public void Any_expression_of_the_languages_own_words_has_a_value_or_is_refused()
    {
        string[] values = ["config", "record", "config.key", "config.list", "config.map", "record.id", "'ab'", "''", "1", "0", "-7", "2.5", "10**20", "none", "true", "[1, 'b']", "{'a': 1}", "range(3)", "now_utc()", "'2024-01-02'", "stream_slice", "missing", "config.key[1:]", "config.list[::-1]"];
        string[] binary = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "<", ">=", "in", "not in", "and", "or", "is", "is not", "if true else"];
        string[] calls =
        [
            "|int", "|float", "|string", "|list", "|length", "|join('-')", "|first", "|last", "|sort", "|unique", "|map('upper')", "|map(attribute='a')", "|selectattr('a')", "|tojson", "|urlencode", "|base64encode", "|base64decode", "|hash('md5')",
            "|regex_search('(a)')", "|regex_replace('a','b')", "|round(2)", "|abs", "|default(1)", "|replace('a','bb')", "|sum", "|min", "|max", "|batch(2)|list", "|dictsort", "|items", "|reverse", "|trim", "|title", "|hmac('k','sha256')",
            ".split(',')", ".upper()", ".get('a')", ".items()", ".keys()", ".strftime('%Y-%m-%dT%H:%M:%S.%f%z')", ".format(1, a=2)", ".startswith('a')", "[0]", "['a']", "[-1]", "[1:2]", "[::0]", ".isoformat()", ".timestamp()", ".join(['a'])", ".zfill(9)",
        ];
        var value = OneOf(values);
        var term = Gen.Select(value, OneOf(calls).Array[0, 4], (start, chain) => $"({start}){string.Concat(chain)}");
        var expression = Gen.Select(term, Gen.Select(OneOf(binary), term).Array[0, 3], (first, rest) => first + string.Concat(rest.Select(pair => $" {pair.Item1} {pair.Item2}")));

        expression.Sample(
            text =>
            {
                try
                {
                    Template.Parse($"{{{{ {text} }}}}").Evaluate(Context);
                }
                catch (ExpressionException exception)
                {
                    exception.Message.Contains("very-secret-key", StringComparison.Ordinal).ShouldBeFalse();
                }
            },
            iter: 30_000,
            threads: 1);
    }

    private static Gen<string> OneOf(string[] texts) => Gen.Int[0, texts.Length - 1].Select(at => texts[at]);
}
