using ListBackup.Demo.Access;
using ListBackup.Demo.Crm;
using ListBackup.Demo.Faults;

namespace ListBackup.Demo;

/// <summary>
/// A small, honest CRM on loopback, in this process: what a vendor's API does, good and bad, so that backup and restore can be shown and tested
/// without a customer's account. Its API is described in docs/platforms/demo.md.
/// </summary>
public sealed class DemoPlatform : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CrmStore _store;
    private readonly Disasters _disasters;

    internal DemoPlatform(WebApplication app, DemoPlatformOptions options)
    {
        _app = app;
        Options = options;
        _store = app.Services.GetRequiredService<CrmStore>();
        _disasters = app.Services.GetRequiredService<Disasters>();
        Faults = app.Services.GetRequiredService<FaultPlan>();
        OAuth = app.Services.GetRequiredService<OAuthServer>();
    }

    public DemoPlatformOptions Options { get; }

    /// <summary>Requests that will go wrong.</summary>
    public FaultPlan Faults { get; }

    public OAuthServer OAuth { get; }

    /// <summary>For example http://127.0.0.1:40321, without a slash at the end. Known once it is started.</summary>
    public string BaseUrl => _app.Urls.First();

    public static DemoPlatform Create(DemoPlatformOptions options) => new(DemoPlatformApp.Build(options), options);

    public static async Task<DemoPlatform> StartAsync(DemoPlatformOptions options, CancellationToken cancellation)
    {
        var demo = Create(options);
        await demo.StartAsync(cancellation);
        return demo;
    }

    public Task StartAsync(CancellationToken cancellation) => _app.StartAsync(cancellation);

    public Task WaitForShutdownAsync(CancellationToken cancellation) => _app.WaitForShutdownAsync(cancellation);

    /// <summary>Live records of a kind, named as in the API: contacts, companies, lists, memberships, notes, attachments.</summary>
    public int Count(string plural)
    {
        lock (_store.Gate) return _store[RecordKinds.All.First(kind => RecordKinds.Plural(kind) == plural)].View(new ListFilter()).Count;
    }

    /// <summary>Deletes this many contacts for good, with their memberships, notes and attachments. Returns how many.</summary>
    public int DeleteContacts(int count, int seed = 1)
    {
        lock (_store.Gate) return _disasters.DeleteContacts(count, seed);
    }

    /// <summary>Overwrites fields of this many contacts as a broken import does. Returns how many.</summary>
    public int ImportBadly(int count, int seed = 1)
    {
        lock (_store.Gate) return _disasters.BadImport(count, seed);
    }

    /// <summary>Removes everybody from a list. Returns how many.</summary>
    public int WipeList(long list)
    {
        lock (_store.Gate) return _disasters.WipeList(list);
    }

    /// <summary>Moves last_seen_at of this many contacts and nothing else. Returns how many.</summary>
    public int Browse(int count, int seed = 1)
    {
        lock (_store.Gate) return _disasters.Browse(count, seed);
    }

    /// <summary>Back to the first day.</summary>
    public void Reset()
    {
        lock (_store.Gate) _store.Reset();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
