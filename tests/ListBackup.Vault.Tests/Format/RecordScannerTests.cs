using System.Text;
using System.Text.Json;
using CsCheck;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Tests.Format;

public sealed class RecordScannerTests
{
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.String[Gen.Char["ab\"\\/\n\t\u0001é€"], 0, 6], Gen.Const("\ud83d\ude00"), Gen.Const("\ufb33"), Gen.Const(""));

    private static readonly Gen<string> s_value = Gen.Recursive<string>((depth, value) => depth > 3 ? Scalar() : Gen.Frequency((3, Scalar()), (1, Array(value)), (1, Object(value))));

    [Fact]
    public void The_canonical_form_is_canonical_and_says_the_same() => Object(s_value).Sample(json =>
    {
        var scanner = new RecordScanner(FieldPaths.Parse([], []), []);
        scanner.Scan(Encoding.UTF8.GetBytes(json), schema: null).ShouldBe(RecordProblem.None);
        var once = scanner.Canonical.ToArray();
        scanner.Scan(once, schema: null).ShouldBe(RecordProblem.None);

        scanner.Canonical.ToArray().ShouldBe(once);
        using var before = JsonDocument.Parse(json);
        using var after = JsonDocument.Parse(once);
        JsonElement.DeepEquals(before.RootElement, after.RootElement).ShouldBeTrue();
    }, iter: 2_000, threads: 1);

    [Fact]
    public void No_bytes_whatever_break_the_scanner() => Gen.Select(Object(s_value), Gen.Int[0, 1_000], Gen.Byte, Gen.Int[0, 1_000]).Sample((json, place, value, cut) =>
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        bytes[place % bytes.Length] = value;
        var scanner = new RecordScanner(FieldPaths.Parse(["/a", "/b/c"], ["/x/*"]), new byte[32]);

        var problem = scanner.Scan(bytes.AsSpan(0, bytes.Length - (cut % bytes.Length)), new SchemaTree());

        Enum.IsDefined(problem).ShouldBeTrue();
    }, iter: 5_000, threads: 1);

    [Theory]
    [InlineData("""{"id":7}""", "7")]
    [InlineData("""{"id":"7"}""", "7")]
    [InlineData("""{"id":12345678901234567890123}""", "12345678901234567890123")]
    [InlineData("""{"id":true}""", "true")]
    [InlineData("""{"id":"a\u0062\n"}""", "ab\n")]
    [InlineData("""{"x":[{"id":1}],"id":"\ud83d\ude00"}""", "😀")]
    [InlineData("""{"id":""}""", null)]
    [InlineData("""{"id":null}""", null)]
    [InlineData("""{"id":[1]}""", null)]
    [InlineData("""{"id":"\ud800"}""", null)]
    [InlineData("""{"other":1}""", null)]
    public void A_key_of_one_field_is_its_text(string json, string? key)
    {
        var scanner = new RecordScanner(FieldPaths.Parse(["/id"], []), []);

        scanner.Scan(Encoding.UTF8.GetBytes(json), schema: null).ShouldBe(RecordProblem.None);

        (scanner.Key() is { } bytes ? Encoding.UTF8.GetString(bytes) : null).ShouldBe(key);
    }

    [Fact]
    public void A_key_of_several_fields_is_their_array()
    {
        var scanner = new RecordScanner(FieldPaths.Parse(["/b/id", "/a"], []), []);

        scanner.Scan("""{"a":"x\"y","b":{"id":7}}"""u8, schema: null).ShouldBe(RecordProblem.None);

        Encoding.UTF8.GetString(scanner.Key()!).ShouldBe("""["7","x\"y"]""");
        RecordKey.Of(["7", "x\"y"]).ShouldBe("""["7","x\"y"]""");
    }

    [Fact]
    public void The_observed_schema_tells_fields_types_and_counts()
    {
        var schema = new SchemaTree();
        var scanner = new RecordScanner(FieldPaths.Parse([], []), []);
        scanner.Scan("""{"id":1,"tags":["a",null],"n":{"x/y":1.5}}"""u8, schema);
        scanner.Scan("""{"n":null,"id":"2"}"""u8, schema);

        var fields = schema.ToSchema(firstSeq: 3).Fields.Select(field => $"{field.Path} {string.Join('|', field.Types)} {field.Count} {field.FirstSeq}");

        fields.ShouldBe(["/id integer|string 2 3", "/n null|object 2 3", "/n/x~1y number 1 3", "/tags array 1 3", "/tags/* null|string 2 3"]);
    }

    [Fact]
    public void A_record_with_fifty_thousand_fields_is_taken_and_its_schema_cut()
    {
        var json = $"{{{string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"f{(i * 7919) % 50_000}\":{i}"))}}}";
        var schema = new SchemaTree();

        new RecordScanner(FieldPaths.Parse([], []), []).Scan(Encoding.UTF8.GetBytes(json), schema).ShouldBe(RecordProblem.None);

        schema.ToSchema(1).ShouldSatisfyAllConditions(observed => observed.IsTruncated.ShouldBeTrue(), observed => observed.Fields.Count.ShouldBe(SchemaTree.FieldsMax));
    }

    private static Gen<string> Scalar() => Gen.OneOf(
        s_text.Select(text => JsonSerializer.Serialize(text)),
        Gen.OneOf(Gen.Const("0"), Gen.Const("-1.50"), Gen.Const("1E5"), Gen.Const("12345678901234567890"), Gen.Const("true"), Gen.Const("null")));

    private static Gen<string> Array(Gen<string> value) => value.Array[0, 3].Select(items => $"[{string.Join(" ,", items)}]");

    private static Gen<string> Object(Gen<string> value) => Gen.Select(s_text, value).Array[0, 5].Select(members =>
        $"{{ {string.Join(',', members.DistinctBy(member => member.Item1).Select(member => $"{JsonSerializer.Serialize(member.Item1)} :{member.Item2}"))} }}");
}
