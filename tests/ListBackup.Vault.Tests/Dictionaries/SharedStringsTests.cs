using System.Text;
using CsCheck;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Tests.Dictionaries;

/// <summary>A dictionary outlives the erasure of a person, so nothing of one may be in it.</summary>
public sealed class SharedStringsTests
{
    private const int WindowBytes = 8;

    [Fact]
    public void Every_string_of_a_dictionary_is_held_by_at_least_fifty_records()
    {
        var records = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 60], Gen.Int[0, 2000], Gen.String[Gen.Char.AlphaNumeric, 0, 12], Gen.Bool, (stage, owner, city, note, isShort) => isShort
                ? $$"""{"id":{{city}},"stage":"stage number {{stage}}"}"""
                : $$"""{"id":{{city}},"stage":"stage number {{stage}}","owner":{"team":"the team of owner {{owner}}"},"note":"{{note}} was said","city":"city {{city}} of many"}""")
            .Array[60, 400];

        records.Sample(
            lines =>
            {
                foreach (var text in StringsOf(DictionaryTrainer.Train(Lines(lines))))
                    lines.Count(line => line.Contains(text, StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(DictionaryTrainer.RecordsMin, text);
            },
            iter: 60);
    }

    [Fact]
    public void No_eight_bytes_of_it_are_held_by_fewer_across_the_seams_either()
    {
        var lines = Enumerable.Range(0, 3_000).Select(Person).ToArray();

        var content = DictionaryTrainer.Train(Lines(lines));

        content.Length.ShouldBeGreaterThan(200, "there is much that they share");
        var holders = WindowsOf(lines);
        for (var start = 0; start + WindowBytes <= content.Length; start++)
        {
            // The byte between two strings is in no JSON text, so zstd finds no match across it.
            var window = Encoding.Latin1.GetString(content, start, WindowBytes);
            if (!window.Contains((char)DictionaryTrainer.Separator)) holders.GetValueOrDefault(window).ShouldBeGreaterThanOrEqualTo(DictionaryTrainer.RecordsMin, window);
        }
    }

    [Fact]
    public void What_only_an_erased_person_had_cannot_be_in_it()
    {
        var lines = Enumerable.Range(0, 3_000).Select(Person).ToArray();
        var content = Encoding.Latin1.GetString(DictionaryTrainer.Train(Lines(lines)));
        var holders = WindowsOf(lines);

        foreach (var line in lines.Where((_, person) => person % 100 == 0))
        {
            var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(line));
            for (var start = 0; start + WindowBytes <= bytes.Length; start++)
            {
                var window = bytes.Substring(start, WindowBytes);
                if (holders[window] == 1) content.ShouldNotContain(window, Case.Sensitive);
            }
        }
    }

    [Fact]
    public void A_person_with_many_records_leaves_neither_address_nor_telephone()
    {
        string[] orders = [.. Enumerable.Range(0, 500).Select(order => $$"""{"id":{{order}},"mail":"ada.lovelace@example.org","phone":"+441234567890","state":"order is paid","item":"item {{order % 7}} of seven"}""")];

        var content = Encoding.UTF8.GetString(DictionaryTrainer.Train(Lines(orders)));

        content.ShouldContain("order is paid");
        content.ShouldContain("@example.org");
        content.ShouldNotContain("lovelace@");
        content.ShouldNotContain("1234567890");
    }

    [Fact]
    public void Records_that_share_nothing_make_no_dictionary() =>
        DictionaryTrainer.Train(Lines([.. Enumerable.Range(0, 49).Select(Person)])).ShouldBeEmpty();

    private static string Person(int number) =>
        $$"""{"id":{{number * 7919}},"name":"Person{{number}} Ünique{{number % 400}}","mail":"p{{number}}@mail{{number % 3}}.example","stage":"{{(number % 4 == 0 ? "customer" : "subscriber")}}","city":"{{(number % 75 == 0 ? "Rare Town" : "Large City")}}","score":{{number % 977}}}""";

    private static Dictionary<string, int> WindowsOf(string[] lines)
    {
        var holders = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(line));
            foreach (var window in Enumerable.Range(0, Math.Max(0, bytes.Length - WindowBytes + 1)).Select(start => bytes.Substring(start, WindowBytes)).Distinct(StringComparer.Ordinal))
                holders[window] = holders.GetValueOrDefault(window) + 1;
        }

        return holders;
    }

    private static List<ReadOnlyMemory<byte>> Lines(string[] records) => [.. records.Select(record => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(record))];

    private static string[] StringsOf(byte[] content) => Encoding.UTF8.GetString(content).Split((char)DictionaryTrainer.Separator, StringSplitOptions.RemoveEmptyEntries);
}
