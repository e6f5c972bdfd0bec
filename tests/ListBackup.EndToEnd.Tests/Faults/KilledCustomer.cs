using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Demo.Faults;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>A customer with a platform of their own and one source, who backs it up, loses contacts, backs that up, gets them back, and backs up on and on.</summary>
internal sealed class KilledCustomer : IAsyncDisposable
{
    private const int Contacts = 300;
    private const int Lost = 25;

    // Small pages make many requests, slow ones make it likely that a kill hits the work behind one.
    private const int PageSize = 10;
    private static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(2);

    private readonly DemoPlatform _platform;
    private readonly string _source;
    private readonly int _seed;
    private readonly int _contacts;
    private string? _underWay;
    private string? _restore;
    private int _step;

    private KilledCustomer(DemoPlatform platform, string source, int seed) => (_platform, _source, _seed, _contacts) = (platform, source, seed, platform.Count("contacts"));

    /// <summary>How many records each snapshot has that the Host told of, by its number.</summary>
    public Dictionary<long, long> Acknowledged { get; } = [];

    public int Syncs { get; private set; }

    public int Restores { get; private set; }

    /// <summary>Requests that came to the platform.</summary>
    public long Asked => _platform.Faults.Seen;

    public static async Task<KilledCustomer> JoinAsync(HostClient person, int seed)
    {
        var platform = await DemoPlatform.StartAsync(new() { Contacts = Contacts, Seed = seed, PageSizeMax = PageSize }, default);
        return new(platform, await DemoSource.CreateAsync(person, platform, "contacts"), seed);
    }

    /// <summary>The next thousand requests, which is more than come until the next kill, are slow.</summary>
    public void SlowDown()
    {
        _platform.Faults.Clear();
        _platform.Faults.Add(new Fault { Kind = FaultKind.Slow, Path = "/api/v1/", Delay = Slowness, Count = Fault.CountMax });
    }

    /// <summary>No more kills: what is left goes fast.</summary>
    public void Hurry() => _platform.Faults.Clear();

    /// <summary>Looks what became of what was asked for, and asks for the next thing when that has ended. True: nothing is under way.</summary>
    public async Task<bool> GoOnAsync(HostClient person, bool mayEnd)
    {
        if (_underWay is not null)
        {
            var thing = await person.GetAsync($"{_source}/{_underWay}");
            switch ((string?)thing["state"])
            {
                case "failed" or "partial" or "cancelled":
                    throw new InvalidOperationException($"{_underWay} is {thing.ToJsonString()}");
                case "planned":
                    ((long)thing["restore"]!["plan"]!["creates"]!).ShouldBe(Lost, thing.ToJsonString());
                    await person.PostAsync($"{_source}/restores/{_restore}/approve");
                    return false;
                case "succeeded":
                    Note(thing);
                    _underWay = null;
                    break;
                default:
                    return false;
            }
        }
        // A restore after the third sync; whoever is still killed after the fourth goes on backing up.
        if (mayEnd && _step > 4) return true;
        await BeginAsync(person);
        return false;
    }

    public async Task ShouldBeWholeAsync(HostClient person)
    {
        // Each contact is there once: those that were lost came back, and none of them twice.
        _platform.Count("contacts").ShouldBe(_contacts);
        foreach (var (seq, live) in Acknowledged)
        {
            var stream = (await person.GetAsync($"{_source}/snapshots/{seq}"))["streams"]![0]!;
            ((long)stream["live"]!, (string?)stream["certificate"]!["coverage"]).ShouldBe((live, "proven"), $"snapshot {seq}");
        }
        // The third sync saw the loss.
        Acknowledged.OrderBy(snapshot => snapshot.Key).Select(snapshot => snapshot.Value).ShouldBe(Enumerable.Range(0, Acknowledged.Count).Select(i => i == 2 ? (long)Contacts - Lost : Contacts));
        foreach (var run in await person.ListAsync($"{_source}/runs?limit=200")) ((string?)run["state"]).ShouldBe("succeeded", run.ToJsonString());
        foreach (var job in await person.ListAsync($"{_source}/jobs?limit=200")) ((string?)job["state"]).ShouldBe("succeeded", job.ToJsonString());

        var newest = Acknowledged.Keys.Max();
        var keys = (await person.ListAsync($"{_source}/snapshots/{newest}/streams/contacts/records?limit=200")).Select(record => (string)record["key"]!).ToList();
        (keys.Count, keys.Distinct().Count()).ShouldBe(((int)Acknowledged[newest], (int)Acknowledged[newest]));
        var verification = await person.PostAsync($"{_source}/verify", new JsonObject { ["level"] = "restore" });
        verification = await DemoSource.EndOfAsync(person, $"{_source}/jobs/{verification["id"]}");
        ((bool?)verification["verify"]!["sound"]).ShouldBe(true, verification.ToJsonString());
    }

    public override string ToString() => $"[step {_step}, {_underWay ?? "at rest"}, {Asked} requests]";

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    private async Task BeginAsync(HostClient person)
    {
        switch (_step++)
        {
            case 1:
                _platform.ImportBadly(50, _seed);
                break;
            case 2:
                _platform.DeleteContacts(Lost, _seed).ShouldBe(Lost);
                break;
            case 3:
                var restore = await person.PostAsync($"{_source}/restores", new JsonObject { ["seq"] = Acknowledged.Keys.Max() - 1, ["selection"] = new JsonObject { ["kind"] = "deletions" } });
                (_restore, _underWay) = ((string)restore["id"]!, $"jobs/{restore["id"]}");
                return;
        }
        var run = await person.PostAsync($"{_source}/sync", new JsonObject { ["fullSweep"] = true });
        (_underWay, Syncs) = ($"runs/{run["id"]}", Syncs + 1);
    }

    private void Note(JsonNode ended)
    {
        if (ended["restore"] is { } restore)
        {
            ((long?)restore["applied"]!["created"]).ShouldBe(Lost, ended.ToJsonString());
            _platform.Count("contacts").ShouldBe(_contacts);
            Restores++;
            return;
        }
        Acknowledged.Add((long)ended["snapshotSeq"]!, (long)ended["counts"]!["records"]!);
    }
}
