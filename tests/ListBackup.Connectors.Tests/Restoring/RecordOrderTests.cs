using ListBackup.Connectors.Restoring;

namespace ListBackup.Connectors.Tests;

public sealed class RecordOrderTests
{
    [Fact]
    public void Records_come_after_those_they_refer_to_and_otherwise_as_they_were_added()
    {
        var order = Order(("c", ["b"]), ("x", []), ("b", ["a", "unknown"]), ("a", []));

        order.InOrder().Select(record => record.Key).ShouldBe(["a", "b", "c", "x"]);
        order.InOrder().ShouldAllBe(record => record.Later.Count == 0);
    }

    [Fact]
    public void A_circle_is_cut_at_one_place_and_the_record_tells_what_comes_later()
    {
        var order = Order(("a", ["b"]), ("b", ["c"]), ("c", ["a"]), ("self", ["self"]));

        order.InOrder().Select(record => $"{record.Key} {string.Join(' ', record.Later)}".Trim()).ShouldBe(["c a", "b", "a", "self self"]);
    }

    [Fact]
    public void A_chain_of_any_length_needs_no_stack()
    {
        var order = new RecordOrder();
        for (var at = 0; at < 300_000; at++) order.Add($"{at}", $"{at}", [$"{at + 1}"]);

        var keys = order.InOrder().Select(record => record.Key).ToList();

        keys[0].ShouldBe("299999");
        keys[^1].ShouldBe("0");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Whatever_refers_to_whatever_each_comes_once_and_only_circles_are_later(int seed)
    {
        var random = new Random(seed);
        var ids = Enumerable.Range(0, 200).Select(at => $"{random.Next()}-{at}").ToList();
        var refersTo = ids.ToDictionary(id => id, _ => (IReadOnlyList<string>)[.. Enumerable.Range(0, random.Next(3)).Select(_ => ids[random.Next(ids.Count)])]);
        var order = Order([.. ids.Select(id => (id, refersTo[id]))]);

        var ordered = order.InOrder().ToList();

        ordered.Select(record => record.Key).ShouldBe(ids, ignoreOrder: true);
        var written = new HashSet<string>();
        foreach (var record in ordered)
        {
            record.Later.ShouldBe(refersTo[record.Key].Where(id => !written.Contains(id)), $"seed {seed}");
            foreach (var id in record.Later) Reaches(refersTo, id, record.Key).ShouldBeTrue($"seed {seed}: {record.Key} could have come after {id}.");
            written.Add(record.Key);
        }

        order.InOrder().Select(record => record.Key).ShouldBe(ordered.Select(record => record.Key), $"seed {seed}");
    }

    private static bool Reaches(Dictionary<string, IReadOnlyList<string>> refersTo, string from, string to)
    {
        var seen = new HashSet<string> { from };
        var open = new Queue<string>(seen);
        while (open.TryDequeue(out var id))
        {
            if (id == to) return true;
            foreach (var next in refersTo[id].Where(seen.Add)) open.Enqueue(next);
        }

        return false;
    }

    private static RecordOrder Order(params (string Id, IReadOnlyList<string> RefersTo)[] records)
    {
        var order = new RecordOrder();
        foreach (var (id, refersTo) in records) order.Add(id, id, refersTo);
        return order;
    }
}
