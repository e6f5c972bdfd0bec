using System.Net;
using CsCheck;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Accounts.Tests;

public class TreePropertyTests
{
    private enum Kind { Top, Child, Child2, Move, Move2, Invite }

    [Fact]
    public async Task Whatever_is_moved_where_paths_fit_depth_holds_nothing_cycles_and_access_follows_the_tree()
    {
        var step = Gen.Select(Gen.Enum<Kind>(), Gen.Int[0, 1000], Gen.Int[-1, 1000]);
        await step.List[5, 40].SampleAsync(async steps =>
        {
            await using var api = await AccountsApi.StartAsync();
            var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
            // The model: every account's parent, and where Bob has a role.
            var parents = new Dictionary<string, string?> { [ada.Home] = null };
            var roles = new HashSet<string> { bob.Home };

            foreach (var (kind, x, y) in steps) await StepAsync(ada, bob, parents, roles, kind, x, y);

            foreach (var id in parents.Keys)
            {
                var path = PathOf(parents, id);
                (await ada.GetAsync($"/accounts/{id}")).ShouldBe(HttpStatusCode.OK).Json["path"]!.AsArray().Select(p => (string)p!).ShouldBe(path);
                (await bob.GetAsync($"/accounts/{id}")).Status.ShouldBe(path.Any(roles.Contains) ? HttpStatusCode.OK : HttpStatusCode.NotFound);
            }
            foreach (var top in parents.Where(p => p.Value is null).Select(p => p.Key))
            {
                var listed = await TreeTests.ListAsync(ada, top);
                listed.Keys.ShouldBe(parents.Keys.Where(id => PathOf(parents, id)[0] == top), ignoreOrder: true);
                await TreeTests.ShouldFitAsync(ada, listed);
            }
        }, iter: 12, threads: 1);
    }

    private static async Task StepAsync(Person ada, Person bob, Dictionary<string, string?> parents, HashSet<string> roles, Kind kind, int x, int y)
    {
        var ids = parents.Keys.Order(StringComparer.Ordinal).ToList();
        var account = ids[x % ids.Count];
        switch (kind)
        {
            case Kind.Top:
                if (parents.Count(p => p.Value is null) < 5) parents[(await ada.PostAsync("/accounts", new { name = "Top" })).ShouldBe(HttpStatusCode.Created).Text("id")] = null;
                break;
            case Kind.Child or Kind.Child2:
                var created = await ada.PostAsync($"/accounts/{account}/children", new { name = "Child" });
                if (PathOf(parents, account).Count == Account.DepthMax) created.ShouldBe(HttpStatusCode.Conflict, "too-deep");
                else parents[created.ShouldBe(HttpStatusCode.Created).Text("id")] = account;
                break;
            case Kind.Move or Kind.Move2:
                var target = y < 0 ? null : ids[y % ids.Count];
                var moved = await ada.MoveAsync(account, target);
                if (Refusal(parents, account, target) is { } refusal) moved.ShouldBe(HttpStatusCode.Conflict, refusal);
                else
                {
                    moved.ShouldBe(HttpStatusCode.OK);
                    parents[account] = target;
                }
                break;
            case Kind.Invite when roles.Count < 4 && !roles.Contains(account):
                await ada.TakeInAsync(account, bob, "viewer");
                roles.Add(account);
                break;
        }
    }

    private static string? Refusal(Dictionary<string, string?> parents, string account, string? target)
    {
        if (parents[account] == target) return "already-there";
        if (target is null) return null;
        var path = PathOf(parents, target);
        if (path.Contains(account)) return "cycle";
        var height = parents.Keys.Select(id => PathOf(parents, id)).Where(p => p.Contains(account)).Max(p => p.Count - p.IndexOf(account));
        return path.Count + height > Account.DepthMax ? "too-deep" : null;
    }

    private static List<string> PathOf(Dictionary<string, string?> parents, string id)
    {
        var path = new List<string>();
        for (var at = id; at is not null; at = parents[at]) path.Insert(0, at);
        return path;
    }
}
