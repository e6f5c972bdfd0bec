using ListBackup.Domain;

namespace ListBackup.Testing.Contracts;

/// <summary>What every <see cref="IItemStore"/> promises. Each test uses partitions of its own, so a store may be shared and need not be empty.</summary>
public abstract class ItemStoreContract
{
    private readonly string _partition = $"TEST#{Guid.NewGuid():N}";

    /// <summary>The store under test, on the clock of <see cref="Now"/>.</summary>
    protected abstract IItemStore Items { get; }

    protected abstract DateTimeOffset Now { get; }

    /// <summary>Lets time pass: a fake clock is moved, a real one waited for.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_item_that_was_never_written_is_absent()
    {
        (await Items.GetAsync(Key("a"), Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_put_is_read_back_with_its_version()
    {
        var item = Item("a", """{"name":"Zoë 🦊 \"quoted\"\n"}""") with { Index = new($"{_partition}#I", "x"), ExpiresAt = Whole(Now.AddDays(1)) };

        var put = await Items.PutAsync(item, Condition.None, Cancellation);

        put.ShouldBe(item with { Version = 1 });
        (await Items.GetAsync(item.Key, Cancellation)).ShouldBe(put);
    }

    [Fact]
    public async Task Each_write_of_an_item_counts_its_version_up()
    {
        for (var version = 1; version <= 3; version++)
            (await Items.PutAsync(Item("a"), Condition.None, Cancellation)).Version.ShouldBe(version);
    }

    [Fact]
    public async Task A_put_replaces_index_and_expiry_too()
    {
        await Items.PutAsync(Item("a") with { Index = new($"{_partition}#I", "x"), ExpiresAt = Now.AddMinutes(1) }, Condition.None, Cancellation);

        await Items.PutAsync(Item("a"), Condition.None, Cancellation);

        var item = (await Items.GetAsync(Key("a"), Cancellation)).ShouldNotBeNull();
        item.Index.ShouldBeNull();
        item.ExpiresAt.ShouldBeNull();
        (await SortsAsync(new ItemQuery { Table = Table.Sources, Partition = $"{_partition}#I", ByIndex = true })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tables_do_not_see_each_other()
    {
        await Items.PutAsync(Item("a"), Condition.None, Cancellation);

        (await Items.GetAsync(Key("a") with { Table = Table.Users }, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Putting_on_condition_of_absence_fails_when_there_is_one()
    {
        (await Items.PutAsync(Item("a", "1"), Condition.Absent, Cancellation)).Version.ShouldBe(1);

        var failure = await Should.ThrowAsync<ConditionFailedException>(() => Items.PutAsync(Item("a", "2"), Condition.Absent, Cancellation));

        failure.Key.ShouldBe(Key("a"));
        (await Items.GetAsync(Key("a"), Cancellation)).ShouldBe(Item("a", "1") with { Version = 1 });
    }

    [Fact]
    public async Task Putting_on_condition_of_presence_fails_when_there_is_none()
    {
        await Should.ThrowAsync<ConditionFailedException>(() => Items.PutAsync(Item("a"), Condition.Present, Cancellation));
        (await Items.GetAsync(Key("a"), Cancellation)).ShouldBeNull();

        await Items.PutAsync(Item("a"), Condition.None, Cancellation);
        (await Items.PutAsync(Item("a"), Condition.Present, Cancellation)).Version.ShouldBe(2);
    }

    [Fact]
    public async Task Putting_on_condition_of_a_version_fails_once_another_has_written()
    {
        var first = await Items.PutAsync(Item("a", "1"), Condition.Absent, Cancellation);
        await Items.PutAsync(Item("a", "2"), Condition.VersionIs(first.Version), Cancellation);

        await Should.ThrowAsync<ConditionFailedException>(() => Items.PutAsync(Item("a", "3"), Condition.VersionIs(first.Version), Cancellation));

        (await Items.GetAsync(Key("a"), Cancellation))!.Body.ShouldBe("2");
    }

    [Fact]
    public async Task No_version_is_that_of_an_absent_item()
    {
        foreach (var version in new long[] { 0, 1, -1 })
            await Should.ThrowAsync<ConditionFailedException>(() => Items.PutAsync(Item("a"), Condition.VersionIs(version), Cancellation));
    }

    [Fact]
    public async Task Deleting_obeys_its_condition()
    {
        await Should.ThrowAsync<ConditionFailedException>(() => Items.DeleteAsync(Key("a"), Condition.Present, Cancellation));
        await Items.DeleteAsync(Key("a"), Condition.None, Cancellation);
        await Items.PutAsync(Item("a"), Condition.None, Cancellation);
        await Should.ThrowAsync<ConditionFailedException>(() => Items.DeleteAsync(Key("a"), Condition.VersionIs(2), Cancellation));
        (await Items.GetAsync(Key("a"), Cancellation)).ShouldNotBeNull();

        await Items.DeleteAsync(Key("a"), Condition.VersionIs(1), Cancellation);

        (await Items.GetAsync(Key("a"), Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Of_many_who_create_the_same_item_at_once_one_succeeds()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(writer => SucceedsAsync(
            Items.PutAsync(Item("a", $"{writer}"), Condition.Absent, Cancellation))));

        outcomes.Count(succeeded => succeeded).ShouldBe(1);
        (await Items.GetAsync(Key("a"), Cancellation))!.Body.ShouldBe($"{Array.IndexOf(outcomes, true)}");
    }

    [Fact]
    public async Task Counting_under_the_version_loses_no_count()
    {
        await Items.PutAsync(Item("a", "0"), Condition.Absent, Cancellation);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var done = false; !done;)
            {
                var item = (await Items.GetAsync(Key("a"), Cancellation))!;
                var next = item with { Body = $"{int.Parse(item.Body) + 1}" };
                done = await SucceedsAsync(Items.PutAsync(next, Condition.VersionIs(item.Version), Cancellation));
            }
        }));

        (await Items.GetAsync(Key("a"), Cancellation))!.Body.ShouldBe("8");
    }

    [Fact]
    public async Task An_expired_item_is_absent_to_every_operation()
    {
        var index = new IndexKey($"{_partition}#I", "x");
        await Items.PutAsync(Item("a") with { Index = index, ExpiresAt = Whole(Now.AddSeconds(3)) }, Condition.Absent, Cancellation);
        (await Items.GetAsync(Key("a"), Cancellation)).ShouldNotBeNull();

        await PassAsync(TimeSpan.FromSeconds(4));

        (await Items.GetAsync(Key("a"), Cancellation)).ShouldBeNull();
        (await SortsAsync(Query())).ShouldBeEmpty();
        (await SortsAsync(Query() with { Partition = index.Partition, ByIndex = true })).ShouldBeEmpty();
        await Should.ThrowAsync<ConditionFailedException>(() => Items.PutAsync(Item("a"), Condition.Present, Cancellation));
        await Should.ThrowAsync<ConditionFailedException>(() => Items.PutAsync(Item("a"), Condition.VersionIs(1), Cancellation));
        await Should.ThrowAsync<ConditionFailedException>(() => Items.DeleteAsync(Key("a"), Condition.Present, Cancellation));
        await Should.ThrowAsync<ConditionFailedException>(() => Items.TransactAsync([ItemWrite.Checking(Key("a"), Condition.Present)], Cancellation));
        (await Items.PutAsync(Item("a"), Condition.Absent, Cancellation)).Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_query_returns_its_partition_in_byte_order()
    {
        // U+FFFD sorts before U+1F98A in UTF-8, after it in UTF-16; case and accents are not folded; "a" comes before "a!".
        string[] sorts = ["B", "a", "a!", "aa", "b", "z", "é", "\uFFFD", "🦊"];
        await PutAllAsync([.. sorts.Reverse()]);
        await Items.PutAsync(Item("a") with { Key = new(Table.Sources, _partition + "2", "a") }, Condition.None, Cancellation);

        (await SortsAsync(Query())).ShouldBe(sorts);
        (await SortsAsync(Query() with { Descending = true })).ShouldBe(sorts.Reverse());
    }

    [Fact]
    public async Task A_query_keeps_to_its_prefix_and_bounds()
    {
        await PutAllAsync("A#1", "B", "B#1", "B#2", "B#3", "B$", "C#1");

        (await SortsAsync(Query() with { SortPrefix = "B#" })).ShouldBe(["B#1", "B#2", "B#3"]);
        (await SortsAsync(Query() with { SortPrefix = "B#", Descending = true })).ShouldBe(["B#3", "B#2", "B#1"]);
        (await SortsAsync(Query() with { SortFrom = "B#2" })).ShouldBe(["B#2", "B#3", "B$", "C#1"]);
        (await SortsAsync(Query() with { SortTo = "B#2" })).ShouldBe(["A#1", "B", "B#1", "B#2"]);
        (await SortsAsync(Query() with { SortFrom = "B#1", SortTo = "B#2" })).ShouldBe(["B#1", "B#2"]);
        (await SortsAsync(Query() with { SortPrefix = "B#", SortFrom = "B#2" })).ShouldBe(["B#2", "B#3"]);
        (await SortsAsync(Query() with { SortPrefix = "B#", SortTo = "B#2", Descending = true })).ShouldBe(["B#2", "B#1"]);
        (await SortsAsync(Query() with { SortFrom = "D", SortTo = "A" })).ShouldBeEmpty();
        (await SortsAsync(Query() with { SortPrefix = "B#", SortFrom = "C" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Percent_and_underscore_in_a_prefix_mean_themselves()
    {
        await PutAllAsync("a%b", "a_b", "axb");

        (await SortsAsync(Query() with { SortPrefix = "a%" })).ShouldBe(["a%b"]);
        (await SortsAsync(Query() with { SortPrefix = "a_" })).ShouldBe(["a_b"]);
    }

    [Theory]
    [InlineData(false, 1), InlineData(false, 3), InlineData(false, 7), InlineData(true, 2)]
    public async Task Pages_follow_each_other_without_gap_or_repetition(bool descending, int limit)
    {
        var sorts = Enumerable.Range(0, 7).Select(n => $"K#{n}").ToArray();
        await PutAllAsync(["J", .. sorts, "L"]);

        var read = await SortsAsync(Query() with { SortPrefix = "K#", Descending = descending, Limit = limit });

        read.ShouldBe(descending ? sorts.Reverse() : sorts);
    }

    [Fact]
    public async Task A_page_is_never_longer_than_its_limit_and_the_last_has_no_next()
    {
        await PutAllAsync("a", "b", "c");

        var first = await Items.QueryAsync(Query() with { Limit = 2 }, Cancellation);
        var second = await Items.QueryAsync(Query() with { Limit = 2, Cursor = first.Next.ShouldNotBeNull() }, Cancellation);

        first.Items.Count.ShouldBe(2);
        second.Items.Select(item => item.Key.Sort).ShouldBe(["c"]);
        second.Next.ShouldBeNull();
    }

    [Fact]
    public async Task Paging_is_not_disturbed_by_writes_before_and_behind_it()
    {
        await PutAllAsync("b", "c", "d");
        var first = await Items.QueryAsync(Query() with { Limit = 2 }, Cancellation);

        await PutAllAsync("a", "e");
        await Items.DeleteAsync(Key("c"), Condition.None, Cancellation);

        (await SortsAsync(Query() with { Limit = 2, Cursor = first.Next })).ShouldBe(["d", "e"]);
    }

    [Fact]
    public async Task Large_bodies_come_in_shorter_pages_and_all_of_them_come()
    {
        var body = $"\"{new string('x', ItemRules.BodyBytesMax - 2)}\"";
        for (var n = 0; n < 5; n++) await Items.PutAsync(Item($"{n}", body), Condition.None, Cancellation);

        var all = await AllAsync(Query() with { Limit = 1000 });

        all.Select(item => item.Key.Sort).ShouldBe(["0", "1", "2", "3", "4"]);
        all.ShouldAllBe(item => item.Body == body);
    }

    [Fact]
    public async Task The_index_holds_only_items_that_have_its_key_in_its_order()
    {
        var partition = $"{_partition}#I";
        await Items.PutAsync(Item("a") with { Index = new(partition, "3") }, Condition.None, Cancellation);
        await Items.PutAsync(Item("b") with { Index = new(partition, "1") }, Condition.None, Cancellation);
        await Items.PutAsync(Item("c"), Condition.None, Cancellation);
        await Items.PutAsync(Item("d") with { Index = new(partition, "2") }, Condition.None, Cancellation);
        await Items.PutAsync(Item("e") with { Index = new(partition + "2", "2") }, Condition.None, Cancellation);
        await Items.PutAsync(Item("d") with { Index = null }, Condition.None, Cancellation);
        var query = Query() with { Partition = partition, ByIndex = true };

        (await SortsAsync(query)).ShouldBe(["b", "a"]);
        (await SortsAsync(query with { SortTo = "2" })).ShouldBe(["b"]);
        (await SortsAsync(query with { Descending = true, Limit = 1 })).ShouldBe(["a", "b"]);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Equal_index_keys_are_paged_completely(bool descending)
    {
        var partition = $"{_partition}#I";
        for (var n = 0; n < 9; n++)
            await Items.PutAsync(Item($"{n}") with { Index = new(partition, n < 7 ? "same" : "tail") }, Condition.None, Cancellation);

        var read = await SortsAsync(Query() with { Partition = partition, ByIndex = true, Limit = 2, Descending = descending });

        read.Order().ShouldBe(Enumerable.Range(0, 9).Select(n => $"{n}"));
    }

    [Fact]
    public async Task A_cursor_that_is_not_of_this_query_is_refused()
    {
        await PutAllAsync("a", "b", "c");
        var cursor = (await Items.QueryAsync(Query() with { Limit = 1 }, Cancellation)).Next.ShouldNotBeNull();
        ItemQuery[] others =
        [
            Query() with { Cursor = "" },
            Query() with { Cursor = "not a cursor" },
            Query() with { Cursor = cursor[..^2] },
            Query() with { Cursor = cursor + "AAAA" },
            Query() with { Cursor = new string('A', 100_000) },
            Query() with { Cursor = cursor, Partition = _partition + "2" },
            Query() with { Cursor = cursor, Table = Table.Users },
            Query() with { Cursor = cursor, ByIndex = true },
            Query() with { Cursor = cursor, Descending = true },
            Query() with { Cursor = cursor, SortPrefix = "b" },
        ];

        foreach (var query in others)
        {
            var problem = await Should.ThrowAsync<Problem>(() => Items.QueryAsync(query, Cancellation));
            problem.Kind.ShouldBe(ProblemKind.Malformed);
        }
    }

    [Theory]
    [InlineData(false, "A"), InlineData(true, "A"), InlineData(false, "C"), InlineData(true, "C")]
    public async Task A_forged_cursor_shows_nothing_outside_of_the_query(bool descending, string position)
    {
        await PutAllAsync("A#1", "B#1", "B#2", "C#1");
        var query = Query() with { SortPrefix = "B#", Descending = descending };
        var forged = ItemCursor.Write(query, new ItemPosition(position, "", ""));

        var read = await SortsAsync(query with { Cursor = forged });

        read.ShouldAllBe(sort => sort.StartsWith("B#"));
    }

    [Fact]
    public async Task A_transaction_writes_all_or_nothing()
    {
        await Items.PutAsync(Item("old", "1"), Condition.None, Cancellation);
        ItemWrite[] writes =
        [
            ItemWrite.Putting(Item("new"), Condition.Absent),
            ItemWrite.Putting(Item("other") with { Key = new(Table.Users, _partition, "u") }),
            ItemWrite.Deleting(Key("old"), Condition.VersionIs(1)),
            ItemWrite.Checking(Key("gate"), Condition.Present),
        ];

        var failure = await Should.ThrowAsync<ConditionFailedException>(() => Items.TransactAsync(writes, Cancellation));

        failure.Key.ShouldBe(Key("gate"));
        (await Items.GetAsync(Key("new"), Cancellation)).ShouldBeNull();
        (await Items.GetAsync(Key("old"), Cancellation)).ShouldNotBeNull();

        await Items.PutAsync(Item("gate"), Condition.None, Cancellation);
        await Items.TransactAsync(writes, Cancellation);

        (await Items.GetAsync(Key("new"), Cancellation))!.Version.ShouldBe(1);
        (await Items.GetAsync(new(Table.Users, _partition, "u"), Cancellation)).ShouldNotBeNull();
        (await Items.GetAsync(Key("old"), Cancellation)).ShouldBeNull();
        (await Items.GetAsync(Key("gate"), Cancellation))!.Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_hundred_writes_fit_a_transaction_and_the_first_failed_condition_is_named()
    {
        var writes = Enumerable.Range(0, 100).Select(n => ItemWrite.Putting(Item($"{n:000}"), Condition.Absent)).ToList();
        await Items.TransactAsync(writes, Cancellation);

        var failure = await Should.ThrowAsync<ConditionFailedException>(() => Items.TransactAsync(writes[40..60], Cancellation));

        failure.Key.Sort.ShouldBe("040");
        (await SortsAsync(Query())).Count.ShouldBe(100);
    }

    [Fact]
    public async Task Transactions_on_the_same_items_do_not_mix()
    {
        await Items.PutAsync(Item("x", "0"), Condition.None, Cancellation);
        await Items.PutAsync(Item("y", "0"), Condition.None, Cancellation);

        await Task.WhenAll(Enumerable.Range(1, 10).Select(n => SucceedsAsync(Items.TransactAsync(
            [ItemWrite.Putting(Item("x", $"{n}"), Condition.Present), ItemWrite.Putting(Item("y", $"{n}"), Condition.Present)], Cancellation))));

        (await Items.GetAsync(Key("x"), Cancellation))!.Body.ShouldBe((await Items.GetAsync(Key("y"), Cancellation))!.Body);
    }

    [Fact]
    public async Task Limits_are_enforced_before_anything_is_written()
    {
        var longest = new string('k', ItemRules.KeyBytesMax);
        await Items.PutAsync(Item(longest), Condition.None, Cancellation);
        await Refused(() => Items.PutAsync(Item(longest + "k"), Condition.None, Cancellation));
        await Refused(() => Items.PutAsync(Item(new string('é', 513)), Condition.None, Cancellation));
        await Refused(() => Items.PutAsync(Item(""), Condition.None, Cancellation));
        await Refused(() => Items.PutAsync(Item("a\0b"), Condition.None, Cancellation));
        await Refused(() => Items.PutAsync(Item("a\uD800"), Condition.None, Cancellation));
        await Refused(() => Items.PutAsync(Item("a", new string('1', ItemRules.BodyBytesMax + 1)), Condition.None, Cancellation));
        await Refused(() => Items.PutAsync(Item("a") with { Index = new("", "x") }, Condition.None, Cancellation));
        await Refused(() => Items.GetAsync(new(Table.Users, "", "a"), Cancellation));
        await Refused(() => Items.QueryAsync(Query() with { Limit = 0 }, Cancellation));
        await Refused(() => Items.QueryAsync(Query() with { Limit = ItemQuery.LimitMax + 1 }, Cancellation));
        await Refused(() => Items.TransactAsync([], Cancellation));
        await Refused(() => Items.TransactAsync([.. Enumerable.Range(0, 101).Select(n => ItemWrite.Putting(Item($"{n}")))], Cancellation));
        await Refused(() => Items.TransactAsync([ItemWrite.Putting(Item("a")), ItemWrite.Deleting(Key("a"))], Cancellation));
        var large = new string('1', ItemRules.BodyBytesMax);
        await Refused(() => Items.TransactAsync([.. Enumerable.Range(0, 10).Select(n => ItemWrite.Putting(Item($"{n}", large)))], Cancellation));

        (await SortsAsync(Query())).ShouldBe([longest]);
    }

    [Fact]
    public async Task A_cancelled_call_throws_and_does_not_answer()
    {
        var cancelled = new CancellationToken(canceled: true);

        await Should.ThrowAsync<OperationCanceledException>(() => Items.PutAsync(Item("a"), Condition.None, cancelled));

        (await Items.GetAsync(Key("a"), Cancellation)).ShouldBeNull();
    }

    private ItemKey Key(string sort) => new(Table.Sources, _partition, sort);

    private Item Item(string sort, string body = "{}") => new() { Key = Key(sort), Body = body };

    private ItemQuery Query() => new() { Table = Table.Sources, Partition = _partition };

    private async Task PutAllAsync(params string[] sorts)
    {
        foreach (var sort in sorts) await Items.PutAsync(Item(sort), Condition.None, Cancellation);
    }

    private async Task<List<Item>> AllAsync(ItemQuery query)
    {
        var items = new List<Item>();
        await foreach (var item in Items.AllAsync(query, Cancellation)) items.Add(item);
        return items;
    }

    // Sort keys of the table, also for a query by index.
    private async Task<List<string>> SortsAsync(ItemQuery query)
    {
        var items = new List<Item>();
        for (var page = await Items.QueryAsync(query, Cancellation); ; page = await Items.QueryAsync(query with { Cursor = page.Next }, Cancellation))
        {
            page.Items.Count.ShouldBeLessThanOrEqualTo(query.Limit);
            items.AddRange(page.Items);
            if (page.Next is null) return [.. items.Select(item => item.Key.Sort)];
        }
    }

    private static async Task<bool> SucceedsAsync(Task write)
    {
        try
        {
            await write;
            return true;
        }
        catch (ConditionFailedException)
        {
            return false;
        }
    }

    private static Task Refused(Func<Task> call) => Should.ThrowAsync<ArgumentException>(call);

    // Stores may keep whole seconds only, as DynamoDB's time to live does.
    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
