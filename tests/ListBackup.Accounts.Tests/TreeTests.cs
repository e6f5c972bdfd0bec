using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Accounts.Tests;

public class TreeTests
{
    [Fact]
    public async Task Limits_are_set_from_above_only_and_shown_with_the_usage()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        var child = await ada.ChildAsync(ada.Home);
        await ada.TakeInAsync(child, bob, "admin");

        (await ada.PutAsync($"/accounts/{ada.Home}/limits", new { sources = 5 })).ShouldBe(HttpStatusCode.Forbidden, "no-account-above");
        (await bob.PutAsync($"/accounts/{child}/limits", new { sources = 500 })).ShouldBe(HttpStatusCode.Forbidden, "not-above");
        (await ada.PutAsync($"/accounts/{child}/limits", new { sources = -1 })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.PutAsync($"/accounts/{child}/limits", new { sources = 5 })).ShouldBe(HttpStatusCode.OK);

        ((int)(await bob.GetAsync($"/accounts/{child}/usage")).ShouldBe(HttpStatusCode.OK).Json["limits"]!["sources"]!).ShouldBe(5);
        (await ada.PutAsync($"/accounts/{child}/limits", new { })).ShouldBe(HttpStatusCode.OK);
        (await bob.GetAsync($"/accounts/{child}/usage")).Json["limits"]!.AsObject().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_child_lies_below_its_parent_and_inherits_its_roles()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");

        var child = await ada.ChildAsync(ada.Home, "Client");

        var read = (await ada.GetAsync($"/accounts/{child}")).ShouldBe(HttpStatusCode.OK);
        read.Text("role").ShouldBe("owner");
        read.Text("parentId").ShouldBe(ada.Home);
        read.Json["path"]!.AsArray().Select(p => (string)p!).ShouldBe([ada.Home, child]);
        (await ada.GetAsync($"/accounts/{ada.Home}/children")).Json["items"]!.AsArray().ShouldHaveSingleItem()!["name"]!.GetValue<string>().ShouldBe("Client");
        (await ada.GetAsync($"/accounts/{ada.Home}/subtree")).Json["items"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        for (var i = 0; i < 7; i++) await ada.ChildAsync(ada.Home, $"Child {i}");

        foreach (var (list, count) in new[] { ("children", 7), ("subtree", 8) })
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var page = (await ada.GetAsync($"/accounts/{ada.Home}/{list}?limit=3{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}")).ShouldBe(HttpStatusCode.OK);
                seen.AddRange(page.Json["items"]!.AsArray().Select(i => (string)i!["id"]!));
                cursor = (string?)page.Json["nextCursor"];
            }
            while (cursor is not null);
            seen.Distinct().Count().ShouldBe(count);
            seen.Count.ShouldBe(count);
        }
        (await ada.GetAsync($"/accounts/{ada.Home}/children?limit=0")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.GetAsync($"/accounts/{ada.Home}/children?limit=201")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.GetAsync($"/accounts/{ada.Home}/children?limit=x")).ShouldBe(HttpStatusCode.BadRequest);
        (await ada.GetAsync($"/accounts/{ada.Home}/children?cursor=x")).Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Eight_levels_are_the_most()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var bottom = ada.Home;
        for (var depth = 2; depth <= Account.DepthMax; depth++) bottom = await ada.ChildAsync(bottom);

        (await ada.PostAsync($"/accounts/{bottom}/children", new { name = "Ninth" })).ShouldBe(HttpStatusCode.Conflict, "too-deep");
        var branch = await ada.ChildAsync(ada.Home);
        await ada.ChildAsync(branch);
        var parentOfBottom = (await ada.GetAsync($"/accounts/{bottom}")).Text("parentId");
        (await ada.MoveAsync(branch, parentOfBottom)).ShouldBe(HttpStatusCode.Conflict, "too-deep");
    }

    [Fact]
    public async Task An_account_never_lies_below_itself()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var a = await ada.ChildAsync(ada.Home);
        var b = await ada.ChildAsync(a);

        (await ada.MoveAsync(a, a)).ShouldBe(HttpStatusCode.Conflict, "cycle");
        (await ada.MoveAsync(a, b)).ShouldBe(HttpStatusCode.Conflict, "cycle");
        (await ada.MoveAsync(ada.Home, b)).ShouldBe(HttpStatusCode.Conflict, "cycle");
        (await ada.MoveAsync(b, a)).ShouldBe(HttpStatusCode.Conflict, "already-there");
    }

    [Fact]
    public async Task Two_moves_into_each_other_at_the_same_moment_make_no_cycle()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        for (var round = 0; round < 10; round++)
        {
            var a = await ada.ChildAsync(ada.Home, $"a{round}");
            var b = await ada.ChildAsync(ada.Home, $"b{round}");

            var answers = await Task.WhenAll(ada.MoveAsync(a, b), ada.MoveAsync(b, a));

            answers.Count(x => x.Status == HttpStatusCode.OK).ShouldBe(1);
            await ShouldFitAsync(ada, await ListAsync(ada, ada.Home));
        }
    }

    [Fact]
    public async Task Both_ends_of_a_move_must_be_ones_own()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var eve = await api.JoinAsync("eve");
        var client = await ada.ChildAsync(ada.Home);
        await ada.TakeInAsync(client, eve, "owner");

        // An owner of the client account alone does not take it away from the agency, nor push it onto somebody.
        (await eve.MoveAsync(client, eve.Home)).ShouldBe(HttpStatusCode.NotFound);
        (await eve.MoveAsync(eve.Home, ada.Home)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await eve.MoveAsync(eve.Home, client)).ShouldBe(HttpStatusCode.OK);
        (await ada.GetAsync($"/accounts/{eve.Home}")).ShouldBe(HttpStatusCode.OK).Text("role").ShouldBe("owner");
    }

    [Fact]
    public async Task Who_makes_an_account_the_top_of_a_tree_owns_it()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var child = await ada.ChildAsync(ada.Home);
        var below = await ada.ChildAsync(child);

        (await ada.MoveAsync(child, null)).ShouldBe(HttpStatusCode.OK).Text("role").ShouldBe("owner");

        (await ada.GetAsync($"/accounts/{below}")).ShouldBe(HttpStatusCode.OK).Json["path"]!.AsArray().Count.ShouldBe(2);
        (await ada.GetAsync($"/accounts/{ada.Home}/subtree")).Json["items"]!.AsArray().Count.ShouldBe(1);
        (await ada.GetAsync("/users/me/accounts")).Json["items"]!.AsArray().Count.ShouldBe(2);
        (await ada.MoveAsync(child, ada.Home)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_large_subtree_moves_in_batches()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var branch = await ada.ChildAsync(ada.Home);
        for (var i = 0; i < 230; i++) await ada.ChildAsync(branch, $"Leaf {i}");
        var target = await ada.ChildAsync(ada.Home);

        (await ada.MoveAsync(branch, target)).ShouldBe(HttpStatusCode.OK);

        var all = await ListAsync(ada, target);
        all.Count.ShouldBe(232);
        await ShouldFitAsync(ada, all);
    }

    [Fact]
    public async Task A_move_that_a_crash_cut_off_is_finished_or_never_happened()
    {
        var (cut, begun) = (0, 0);
        for (var fault = 0; fault < 12; fault++)
        {
            foreach (var after in new[] { false, true })
            {
                FaultyItems? faulty = null;
                await using var api = await AccountsApi.StartAsync(services => services.AddFaultyItems(f => faulty = f));
                var ada = await api.JoinAsync("ada");
                var branch = await ada.ChildAsync(ada.Home);
                var below = await ada.ChildAsync(branch);
                for (var i = 0; i < 3; i++) await ada.ChildAsync(below);
                var target = await ada.ChildAsync(ada.Home);

                faulty!.FailWrite(fault, after);
                var answer = await ada.MoveAsync(branch, target);
                faulty.Heal();
                if (answer.Status != HttpStatusCode.OK) cut++;
                api.Clock.Advance(TimeSpan.FromSeconds(31));
                await api.Get<ShredAccounts>().TickAsync(DateTimeOffset.MaxValue, CancellationToken.None);

                var accounts = await ListAsync(ada, ada.Home);
                accounts.Count.ShouldBe(7);
                await ShouldFitAsync(ada, accounts);
                if ((await ada.GetAsync($"/accounts/{branch}")).Text("parentId") == target && answer.Status != HttpStatusCode.OK) begun++;
                (await ada.MoveAsync(below, ada.Home)).ShouldBe(HttpStatusCode.OK);
            }
        }
        cut.ShouldBeGreaterThan(5);
        begun.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_changed_account_is_not_overwritten()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var seen = (await ada.GetAsync($"/accounts/{ada.Home}")).ETag!;
        (await ada.SendAsync(HttpMethod.Get, $"/accounts/{ada.Home}", null, ("If-None-Match", seen))).ShouldBe(HttpStatusCode.NotModified);

        (await ada.PatchAsync($"/accounts/{ada.Home}", new { name = "New" })).ShouldBe(HttpStatusCode.OK);

        (await ada.SendAsync(HttpMethod.Patch, $"/accounts/{ada.Home}", new { name = "Late" }, ("If-Match", seen))).ShouldBe(HttpStatusCode.PreconditionFailed, "changed");
        (await ada.SendAsync(HttpMethod.Delete, $"/accounts/{ada.Home}", null, ("If-Match", seen))).ShouldBe(HttpStatusCode.PreconditionFailed, "changed");
        (await ada.SendAsync(HttpMethod.Patch, $"/accounts/{ada.Home}", new { name = "x" }, ("If-Match", "three"))).ShouldBe(HttpStatusCode.BadRequest);
        (await ada.GetAsync($"/accounts/{ada.Home}")).Text("name").ShouldBe("New");
    }

    [Fact]
    public async Task A_strangers_account_is_not_there()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var eve = await api.JoinAsync("eve");
        var child = await ada.ChildAsync(ada.Home);

        foreach (var id in new[] { ada.Home, child, "acc_00000000000000000000000000", "acc_x", "x" })
        {
            (await eve.GetAsync($"/accounts/{id}")).ShouldBe(HttpStatusCode.NotFound, "not-found");
            (await eve.PatchAsync($"/accounts/{id}", new { name = "Mine" })).ShouldBe(HttpStatusCode.NotFound);
            (await eve.DeleteAsync($"/accounts/{id}")).ShouldBe(HttpStatusCode.NotFound);
            (await eve.MoveAsync(id, eve.Home)).ShouldBe(HttpStatusCode.NotFound);
        }
        (await ada.GetAsync($"/accounts/{ada.Home}")).Text("name").ShouldBe("ada");
    }

    /// <summary>All accounts of a subtree, by parent.</summary>
    internal static async Task<Dictionary<string, string?>> ListAsync(Person person, string top)
    {
        var found = new Dictionary<string, string?>();
        string? cursor = null;
        do
        {
            var page = (await person.GetAsync($"/accounts/{top}/subtree?limit=200{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}")).ShouldBe(HttpStatusCode.OK);
            foreach (var item in page.Json["items"]!.AsArray()) found[(string)item!["id"]!] = (string?)item["parentId"];
            cursor = (string?)page.Json["nextCursor"];
        }
        while (cursor is not null);
        return found;
    }

    /// <summary>Every account's path goes through its parent's, and its parent lists it.</summary>
    internal static async Task ShouldFitAsync(Person person, Dictionary<string, string?> accounts)
    {
        var children = new Dictionary<string, List<string>>();
        foreach (var id in accounts.Keys)
        {
            string? cursor = null;
            children[id] = [];
            do
            {
                var page = await person.GetAsync($"/accounts/{id}/children?limit=200{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
                children[id].AddRange(page.Json["items"]!.AsArray().Select(c => (string)c!["id"]!));
                cursor = (string?)page.Json["nextCursor"];
            }
            while (cursor is not null);
        }
        foreach (var (id, parent) in accounts)
        {
            var path = (await person.GetAsync($"/accounts/{id}")).Json["path"]!.AsArray().Select(p => (string)p!).ToList();
            path[^1].ShouldBe(id);
            path.Count.ShouldBeLessThanOrEqualTo(Account.DepthMax);
            path.Distinct().Count().ShouldBe(path.Count);
            if (parent is null || !accounts.ContainsKey(parent)) continue;
            var above = (await person.GetAsync($"/accounts/{parent}")).Json["path"]!.AsArray().Select(p => (string)p!);
            path.ShouldBe([.. above, id]);
            children[parent].ShouldContain(id);
        }
        children.Values.SelectMany(c => c).Distinct().Count().ShouldBe(children.Values.Sum(c => c.Count));
    }
}
