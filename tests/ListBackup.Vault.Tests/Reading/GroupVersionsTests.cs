using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Reading;

public sealed class GroupVersionsTests
{
    [Fact]
    public void The_highest_number_is_the_newest_wherever_it_stands()
    {
        var group = new GroupVersions(0, [Version("a", 5, "late"), Version("a", 2, "early"), Version("b", 1, "only")]);

        group.Newest()["a"].Line.Json!.Value.ToArray().ShouldBe(Utf8("late"));
        group.OldestFirst().Last(version => version.Line.Key == "a").Seq.ShouldBe(5);
    }

    [Fact]
    public void Of_equal_numbers_the_later_section_is_the_newer()
    {
        var group = new GroupVersions(0, [Version("a", 5, "first"), Version("a", 5, "second")]);

        group.Newest()["a"].Line.Json!.Value.ToArray().ShouldBe(Utf8("second"));
        group.OldestFirst().Last().Line.Json!.Value.ToArray().ShouldBe(Utf8("second"));
    }

    private static StoredVersion Version(string key, long seq, string json) => new(new RecordLine(key, seq, RecordOperation.Put, Utf8(json)), seq);
}
