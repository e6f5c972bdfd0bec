using System.Text;
using System.Text.Json;
using ListBackup.Connectors;

namespace ListBackup.Sources.Tests;

public sealed class ReferencesTests
{
    private const string Record = """{"parent":"a","tags":[1,2,2],"lines":[{"item":"x","count":1},{"item":"y"}],"interests":{"i1":true,"i2":false}}""";

    private static readonly Relation Parent = new(FieldPath.Of("parent"), "pages", null);
    private static readonly Relation Tags = new(new FieldPath(["tags", "*"]), "tags", null);
    private static readonly Relation Items = new(new FieldPath(["lines", "*", "item"]), "items", null);
    private static readonly Relation Interests = new(FieldPath.Of("interests"), "interests", null) { IsMemberNames = true };

    [Fact]
    public void Ids_stand_in_a_field_in_a_list_in_records_of_a_list_and_as_the_names_of_a_map()
    {
        using var record = JsonDocument.Parse(Record);

        References.Ids(record.RootElement, Parent).ShouldBe(["a"]);
        References.Ids(record.RootElement, Tags).ShouldBe(["1", "2"]);
        References.Ids(record.RootElement, Items).ShouldBe(["x", "y"]);
        References.Ids(record.RootElement, Interests).ShouldBe(["i1", "i2"]);
    }

    [Fact]
    public void What_is_left_out_is_the_reference_and_not_what_holds_it() => Text(References.Without(Utf8(Record), [Parent, Tags, Items, Interests]))
        .ShouldBe("""{"lines":[{"count":1},{}]}""");

    [Fact]
    public void What_is_emptied_says_so_to_the_platform() => Text(References.Emptied(Utf8(Record), [Parent, Tags, Items, Interests]))
        .ShouldBe("""{"parent":null,"tags":[],"lines":[{"item":null,"count":1},{"item":null}],"interests":{}}""");

    [Fact]
    public void A_record_that_lacks_the_field_stays_as_it_is() => Text(References.Emptied(References.Without(Utf8("""{"name":"Ann","lines":null}"""), [Parent, Tags, Items]), [Parent, Tags, Items]))
        .ShouldBe("""{"name":"Ann","lines":null}""");

    private static ReadOnlyMemory<byte> Utf8(string json) => Encoding.UTF8.GetBytes(json);

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
