using CsCheck;
using ListBackup.Vault.Format;
using ListBackup.Vault.Maintaining;
using ListBackup.Vault.Reading;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Maintaining;

public sealed class SurvivorsTests
{
    private static readonly Gen<List<StoredVersion>> s_versions = Gen.Select(Gen.Int[1, 12], Gen.Int[0, 3], Version).List[1, 8]
        .Select(list => list.OrderBy(version => version.Seq).ToList());

    private static readonly Gen<KeptSnapshots> s_kept = Gen.Int[1, 12].List[0, 10].Select(expired => new KeptSnapshots(KeptSnapshots.Join([], expired.Select(seq => (long)seq))));

    [Fact]
    public void Every_kept_snapshot_finds_what_it_had_and_the_check_agrees()
    {
        Gen.Select(s_versions, s_kept, Gen.Bool).Sample((versions, kept, isFromStart) =>
        {
            var survivors = Survivors.Of(versions, kept, isFromStart);

            for (var seq = 1; seq <= 13; seq++)
            {
                if (kept.Any(seq, seq + 1)) LiveAt(survivors, seq).ShouldBe(LiveAt(versions, seq), $"at {seq}");
            }

            Check(versions, survivors, kept, isFromStart).ShouldBeTrue();
        });
    }

    [Fact]
    public void None_of_them_could_be_left_out()
    {
        Gen.Select(s_versions, s_kept, Gen.Bool).Sample((versions, kept, isFromStart) =>
        {
            var survivors = Survivors.Of(versions, kept, isFromStart);

            for (var i = 0; i < survivors.Count; i++)
                Check(versions, [.. survivors.Where((_, at) => at != i)], kept, isFromStart).ShouldBeFalse($"without {i}");
        });
    }

    [Fact]
    public void The_check_finds_another_content_another_number_and_a_version_too_many()
    {
        List<StoredVersion> versions = [Version(1, 1), Version(5, 2)];
        var kept = new KeptSnapshots([]);

        Check(versions, versions, kept, true).ShouldBeTrue();
        Check(versions, [versions[0], Version(5, 3)], kept, true).ShouldBeFalse();
        Check(versions, [versions[0], Version(6, 2)], kept, true).ShouldBeFalse();
        Check(versions, [versions[0], versions[1], Version(7, 1)], kept, true).ShouldBeFalse();
        Check([], versions, kept, true).ShouldBeFalse();
    }

    [Fact]
    public void Ranges_of_numbers_are_joined()
    {
        KeptSnapshots.Join([new SeqRange(1, 3), new SeqRange(8, 9)], [4, 6, 7]).ShouldBe([new SeqRange(1, 4), new SeqRange(6, 9)]);
        new KeptSnapshots([new SeqRange(2, 4), new SeqRange(6, 9)]).ExpiredUpTo(7).ShouldBe(5);
    }

    private static bool Check(List<StoredVersion> before, List<StoredVersion> after, KeptSnapshots kept, bool isFromStart)
    {
        try
        {
            MergeCheck.Check("contacts", new GroupVersions(0, before), new GroupVersions(0, after), kept, isFromStart);
            return true;
        }
        catch (VaultException)
        {
            return false;
        }
    }

    private static string? LiveAt(List<StoredVersion> versions, long seq) =>
        versions.FindLast(version => version.Seq <= seq) is { Line.Json: { } json } ? System.Text.Encoding.UTF8.GetString(json.Span) : null;

    private static StoredVersion Version(int seq, int value) => new(
        RecordLine.Read(Utf8(value == 0 ? """{"k":"a","o":"del"}""" : $$$"""{"k":"a","n":{{{seq}}},"o":"put","v":{"value":{{{value}}}}}""")), seq);
}
