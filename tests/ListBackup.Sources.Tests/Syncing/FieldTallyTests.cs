using System.Text;
using CsCheck;

namespace ListBackup.Sources.Tests;

public sealed class FieldTallyTests
{
    [Fact]
    public void What_is_empty_is_no_value()
    {
        var fill = Tally(null, """{"id":"1","a":null,"b":"","c":[],"d":{},"e":0,"f":false,"g":[0],"h":{"x":null},"\u0069":1}""");

        fill.Records.ShouldBe(1);
        fill.Counts.Where(f => f.Value > 0).Select(f => f.Key).ShouldBe(["id", "e", "f", "g", "h", "i"], ignoreOrder: true);
        fill.ShareOf("a").ShouldBe(0);
        fill.ShareOf("never").ShouldBe(0);
    }

    [Fact]
    public void An_interrupted_count_goes_on_where_it_was() => Gen.Select(Choose("""{"a":1}""", """{"b":2,"a":null}""", """{"c":"x","b":""}""", "[]", "{").Array[0, 20], Gen.Int[0, 20])
        .Sample((records, cut) =>
        {
            var whole = Tally(null, records);
            var resumed = Tally(Tally(null, [.. records.Take(cut)]), [.. records.Skip(cut)]);
            resumed.Records.ShouldBe(whole.Records);
            resumed.Counts.ShouldBe(whole.Counts, ignoreOrder: true);
        });

    [Fact]
    public void Names_without_end_are_not_kept()
    {
        var fill = Tally(null, [.. Enumerable.Range(0, 300).Select(i => $$"""{"n{{i}}":1}""")]);

        fill.Counts.Count.ShouldBe(FieldTally.FieldsMax);
        fill.IsTruncated.ShouldBeTrue();
        fill.ShareOf("n299").ShouldBeNull();
    }

    private static Gen<string> Choose(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static FieldFill Tally(FieldFill? before, params string[] records)
    {
        var tally = new FieldTally(before);
        foreach (var record in records) tally.Add(Encoding.UTF8.GetBytes(record));
        return tally.ToFill();
    }
}
