using System.Text;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources.Tests;

public sealed class ConsentGuardTests
{
    private static readonly NeverWeaken Lists = new(FieldPath.Of("lists"), []) { ItemsBy = FieldPath.Of("id") };

    [Theory]
    [InlineData("""{"lists":[{"id":"b"},{"id":"c"}]}""", """{"lists":[{"id":"b"}]}""", true)]
    [InlineData("""{"lists":[{"id":"b"},{"id":"a"}]}""", """{"lists":[{"id":"a"},{"id":"b"}]}""", false)]
    [InlineData("{}", """{"lists":[]}""", true)]
    public void Who_left_a_list_since_the_snapshot_is_not_on_it_in_what_is_restored(string newest, string restored, bool isKept)
    {
        var snapshot = Encoding.UTF8.GetBytes("""{"lists":[{"id":"a"},{"id":"b"}]}""");

        var (json, kept) = ConsentGuard.Apply(snapshot, Encoding.UTF8.GetBytes(newest), [Lists]);

        Encoding.UTF8.GetString(json.Span).ShouldBe(restored);
        kept.ShouldBe(isKept ? [Lists.Field] : []);
    }

    [Fact]
    public void A_record_of_which_nothing_newer_is_known_is_restored_as_it_was()
    {
        var snapshot = Encoding.UTF8.GetBytes("""{"lists":[{"id":"a"}]}""");

        var (json, kept) = ConsentGuard.Apply(snapshot, null, [Lists]);

        json.ToArray().ShouldBe(snapshot);
        kept.ShouldBeEmpty();
    }
}
