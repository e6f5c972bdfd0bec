using System.Globalization;
using System.Text;
using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using ListBackup.Vault.Searching;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Searching;

public sealed class SearchTests
{
    private static readonly string[] s_texts =
    [
        "ada@exa", "lovelace", "zoe", "\"ada lovelace\"", "email:ada7@example.org", "status:unsubscribed", "has:note", "has:note ada1", "0151 100", "+49151100012",
        "status:sub*", "a", "ad", "no such", "note:hello", "tags:red", "東", "city:lodz ada", "id:12", "12",
    ];

    [Fact]
    public async Task What_the_index_finds_is_what_looking_at_every_record_finds_live_and_deleted_in_every_snapshot()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 400));
        await vault.BackUpAsync(ReadMode.FullSweep, [.. Contacts(10, 400), .. Contacts(0, 5, note: "hello again")]);
        var scanned = await AllAsync(vault);
        await IndexAsync(vault);

        (await AllAsync(vault, isIndexed: true)).ShouldBe(scanned);
        scanned.Count(found => found.Hits.Length > 0).ShouldBeGreaterThan(20);

        await vault.BackUpAsync(ReadMode.Incremental, Contacts(20, 40, note: "late"));
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(30, 600));
        scanned = await AllAsync(vault);
        var report = await IndexAsync(vault);
        report.IsRebuilt.ShouldBeFalse();
        report.Documents.ShouldBeLessThan(400);
        (await AllAsync(vault, isIndexed: true)).ShouldBe(scanned);

        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        await IndexAsync(vault);
        (await AllAsync(vault, isIndexed: true, upTo: 4)).ShouldBe(scanned.Where(found => found.Seq <= 4));
    }

    [Fact]
    public async Task Many_small_updates_are_merged_and_find_everything()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 300));
        await IndexAsync(vault);
        for (var i = 0; i < 12; i++)
        {
            await vault.BackUpAsync(ReadMode.Incremental, $$"""{"id":{{i}},"fresh{{i}}":"round{{i}}","name":"Ada"}""");
            var report = await IndexAsync(vault);
            report.IsRebuilt.ShouldBeFalse();
            report.Layers.ShouldBeLessThanOrEqualTo(7);
        }

        for (var i = 0; i < 12; i++)
        {
            (await KeysAsync(vault, $"\"round{i}\"")).ShouldBe([i.ToString(CultureInfo.InvariantCulture)]);
            (await KeysAsync(vault, $"has:fresh{i}")).ShouldBe([i.ToString(CultureInfo.InvariantCulture)]);
        }
    }

    [Fact]
    public async Task Pages_fit_together_whatever_is_backed_up_and_compacted_between_them()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 3_000));
        var expected = await KeysAsync(vault, "status:unsubscribed");
        foreach (var isIndexed in new[] { false, true })
        {
            if (isIndexed) await IndexAsync(vault);
            var (found, cursor, pages) = (new List<string>(), (string?)null, 0);
            do
            {
                var page = await vault.Vault.SearchAsync(Source, Contacts_, new SearchQuery { Text = "status:unsubscribed", Seq = 1, Limit = 40, Cursor = cursor }, Cancellation);
                found.AddRange(page.Hits.Select(hit => hit.Key));
                cursor = page.NextCursor;
                if (pages++ == 2) await vault.BackUpAsync(ReadMode.Incremental, Contacts(isIndexed ? 5_000 : 4_000, 20_000));
                if (pages == 4) await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
            }
            while (cursor is not null);

            found.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_search_reads_kilobytes_not_the_stream()
    {
        var objects = new CountingObjects(new MemoryObjects());
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 20_000));
        await IndexAsync(vault);
        var stored = (await vault.Vault.GetStatsAsync(Cancellation)).SegmentBytes;
        await vault.ReopenAsync();
        objects.Reset();

        var page = await vault.Vault.SearchAsync(Source, Contacts_, new SearchQuery { Text = "ada777@exa" }, Cancellation);

        page.Access.ShouldBe(SearchAccess.Index);
        page.Hits.Select(hit => hit.Key).ShouldBe(["777"]);
        page.Examined.ShouldBeLessThan(3);
        objects.BytesRead.ShouldBeLessThan(Math.Min(stored / 3, 100_000));
        objects.Requests.ShouldBeLessThan(12);
    }

    [Fact]
    public async Task A_search_in_a_newer_snapshot_than_the_index_says_that_it_looks_at_every_record()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1,"name":"Ada"}""");
        await IndexAsync(vault);
        await vault.BackUpAsync(ReadMode.Incremental, """{"id":2,"name":"Ada"}""");

        var newest = await vault.Vault.SearchAsync(Source, Contacts_, new SearchQuery { Text = "ada" }, Cancellation);
        var first = await vault.Vault.SearchAsync(Source, Contacts_, new SearchQuery { Text = "ada", Seq = 1 }, Cancellation);

        (newest.Access, newest.Hits.Count).ShouldBe((SearchAccess.Scan, 2));
        (first.Access, first.Hits.Count).ShouldBe((SearchAccess.Index, 1));
    }

    [Fact]
    public async Task A_damaged_index_is_never_trusted_and_made_anew()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 50));
        await IndexAsync(vault);
        var names = await NamesAsync(objects);
        names.Count.ShouldBe(2);
        foreach (var name in names)
        {
            var good = await objects.ReadAsync(name, Cancellation);
            for (var at = 0; at < good.Length; at += Math.Max(1, good.Length / 40))
            {
                var bad = good.ToArray();
                bad[at] ^= 1;
                await objects.PutAsync(name, bad, PutCondition.Replace, Cancellation);
                await vault.ReopenAsync();
                (await KeysAsync(vault, "ada7@example", mayScan: true)).ShouldBe(["7"]);
            }

            await objects.DeleteAsync(name, Cancellation);
            await vault.ReopenAsync();
            (await KeysAsync(vault, "ada7@example", mayScan: true)).ShouldBe(["7"]);
            (await IndexAsync(vault)).IsRebuilt.ShouldBeTrue();
            if (name.EndsWith("header", StringComparison.Ordinal)) names = await NamesAsync(objects);
            else break;
        }
    }

    [Fact]
    public async Task After_an_erasure_no_copy_of_the_index_opens()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 50));
        await IndexAsync(vault);
        var copies = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in await NamesAsync(objects)) copies[name] = await objects.ReadAsync(name, Cancellation);

        await vault.Vault.EraseAsync(new ErasureRequest { Id = "request-1", Records = [new(Source, Contacts_, "7")] }, Cancellation);

        (await NamesAsync(objects)).ShouldBeEmpty();
        foreach (var (name, bytes) in copies) await objects.PutAsync(name, bytes, PutCondition.Replace, Cancellation);
        await vault.ReopenAsync();
        var page = await vault.Vault.SearchAsync(Source, Contacts_, new SearchQuery { Text = "ada7@example", Scope = SearchScope.All }, Cancellation);
        (page.Access, page.Hits.Count).ShouldBe((SearchAccess.Scan, 0));
        (await IndexAsync(vault)).IsRebuilt.ShouldBeTrue();
        (await KeysAsync(vault, "ada7@example")).ShouldBeEmpty();
        (await KeysAsync(vault, "ada8@example")).ShouldBe(["8"]);
    }

    [Fact]
    public async Task Deleted_records_are_found_by_text_and_by_when_they_went()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
        var vault = await CreateAsync(options: new VaultOptions { Clock = clock });
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 20));
        clock.Advance(TimeSpan.FromDays(1));
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(2, 20));
        clock.Advance(TimeSpan.FromDays(1));
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(4, 20));

        var all = await vault.Vault.FindDeletedAsync(Source, Contacts_, new SearchQuery(), Cancellation);
        var second = await vault.Vault.FindDeletedAsync(Source, Contacts_, new SearchQuery { DeletedFrom = Day(2), DeletedBefore = Day(3) }, Cancellation);
        var named = await vault.Vault.FindDeletedAsync(Source, Contacts_, new SearchQuery { Text = "ada3@" }, Cancellation);
        var earlier = await vault.Vault.FindDeletedAsync(Source, Contacts_, new SearchQuery { Seq = 2 }, Cancellation);

        all.Hits.Select(hit => hit.Key).Order().ShouldBe(["0", "1", "2", "3"]);
        second.Hits.Select(hit => hit.Key).Order().ShouldBe(["0", "1"]);
        second.Hits.ShouldAllBe(hit => hit.Deletion!.Seq == 2 && hit.Deletion.Time == Day(2).AddHours(12) && hit.Deletion.Operation == RecordOperation.Gone && hit.Seq == 1);
        named.Hits.Select(hit => hit.Key).ShouldBe(["3"]);
        earlier.Hits.Select(hit => hit.Key).Order().ShouldBe(["0", "1"]);
    }

    [Fact]
    public async Task Terms_that_many_records_have_take_no_room_and_still_find_all()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, Contacts(0, 9_000));
        var report = await IndexAsync(vault);
        report.Layers.ShouldBe(1);

        var page = await vault.Vault.SearchAsync(Source, Contacts_, new SearchQuery { Text = "status:subscribed", Limit = 5 }, Cancellation);
        var both = await KeysAsync(vault, "status:subscribed ada8999@");

        (page.Access, page.Hits.Count).ShouldBe((SearchAccess.IndexTooCommon, 5));
        both.ShouldBe(["8999"]);
    }

    private const string Contacts_ = VaultFixture.Contacts;

    private static async Task<List<(long Seq, SearchScope Scope, string Text, string Hits)>> AllAsync(VaultFixture vault, bool isIndexed = false, long? upTo = null)
    {
        await vault.ReopenAsync();
        // The truth is what a copy without any index finds.
        var reader = isIndexed ? vault.Vault : await BackupVault.OpenAsync(await CopyAsync(vault.Objects), TestKeys, new VaultOptions(), Cancellation);
        var all = new List<(long, SearchScope, string, string)>();
        var newest = upTo ?? (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Seq;
        for (var seq = 1L; seq <= newest; seq++)
        {
            foreach (var scope in Enum.GetValues<SearchScope>())
            {
                foreach (var text in s_texts)
                {
                    var page = await reader.SearchAsync(Source, Contacts_, new SearchQuery { Text = text, Seq = seq, Scope = scope, Limit = 1_000 }, Cancellation);
                    (page.Access != SearchAccess.Scan).ShouldBe(isIndexed, text);
                    all.Add((seq, scope, text, string.Join(' ', page.Hits.Select(hit => $"{hit.Key}@{hit.Seq}/{hit.Deletion?.Seq}"))));
                }
            }
        }

        return all;
    }

    private static async Task<MemoryObjects> CopyAsync(IObjectStore objects)
    {
        var copy = new MemoryObjects();
        await foreach (var head in objects.ListAsync("", null, Cancellation))
        {
            if (!head.Name.StartsWith("x/", StringComparison.Ordinal)) await copy.PutAsync(head.Name, await objects.ReadAsync(head.Name, Cancellation), PutCondition.Replace, Cancellation);
        }

        return copy;
    }

    private static DateTimeOffset Day(int day) => new(2026, 11, day, 0, 0, 0, TimeSpan.Zero);

    private static Task<SearchIndexReport> IndexAsync(VaultFixture vault) => vault.Vault.UpdateSearchIndexAsync(Source, Contacts_, isFresh: false, Cancellation);

    private static async Task<string[]> KeysAsync(VaultFixture vault, string text, bool mayScan = true)
    {
        var page = await vault.Vault.SearchAsync(Source, Contacts_, new SearchQuery { Text = text, Limit = 1_000 }, Cancellation);
        if (!mayScan) page.Access.ShouldBe(SearchAccess.Index);
        return [.. page.Hits.Select(hit => hit.Key)];
    }

    private static async Task<List<string>> NamesAsync(IObjectStore objects)
    {
        var names = new List<string>();
        await foreach (var head in objects.ListAsync("x/search/", null, Cancellation)) names.Add(head.Name);
        return names;
    }

    private static string[] Contacts(int from, int end, string? note = null) =>
    [
        .. Enumerable.Range(from, end - from).Select(id =>
            $$"""{"id":{{id}},"email":"ada{{id}}@example.org","name":"{{(id % 3 == 0 ? "Zoë" : "Ada")}} Lovelace","phone":"+49 151 {{100_000 + id}}","status":"{{(id % 4 == 0 ? "unsubscribed" : "subscribed")}}","address":{"city":"{{(id % 5 == 0 ? "Łódź" : "Kyōto")}}"},"tags":["{{(id % 7 == 0 ? "red" : "東京")}}"]{{(note is null ? "" : $",\"note\":\"{note}\"")}}}"""),
    ];
}
