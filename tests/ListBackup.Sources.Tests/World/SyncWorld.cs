using System.Text;
using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>The sources service with a real vault on ports in memory, and a scripted platform. Time stands still unless something waits for it.</summary>
public sealed class SyncWorld : IAsyncDisposable
{
    private const int DeliveriesMax = 5_000;
    private readonly SyncOptions _options;
    private readonly Action<IServiceCollection>? _replace;
    private IServiceProvider _services;

    public SyncWorld(SyncOptions? options = null, Action<IServiceCollection>? replace = null)
    {
        _replace = replace;
        _options = options ?? new();
        Writer = new(Platform);
        Queues = new(Clock);
        Objects = new(Clock);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.ClearProviders());
        AddTo(services);
        _services = services.BuildServiceProvider();
    }

    /// <summary>The same world behind the API: requests and deliveries work on the same ports.</summary>
    /// <param name="map">Endpoints besides those of the sources.</param>
    public async Task<ApiUnderTest> StartApiAsync(Action<IEndpointRouteBuilder>? map = null)
    {
        var api = await ApiUnderTest.StartAsync(
            services =>
            {
                AddTo(services);
                services.AddAuthentication(TestCallers.Scheme).AddScheme<AuthenticationSchemeOptions, TestCallers>(TestCallers.Scheme, null);
            },
            endpoints =>
            {
                endpoints.MapSourceEndpoints();
                map?.Invoke(endpoints);
            });
        _services = api.Get<IServiceProvider>();
        await Runs.Items.PutAsync(
            ItemJson.Item(AccountKeys.Profile(Account), new Account { Id = Account, Name = "Test", Path = [Account], CreatedAt = Clock.GetUtcNow() }, AccessJson.Default.Account),
            Condition.Absent, Cancellation);
        return api;
    }

    /// <summary>A person with a role on the account; the token that the API takes for them.</summary>
    public async Task<string> JoinAsync(Role role)
    {
        var user = UserId.New(Clock);
        await Runs.Items.PutAsync(
            ItemJson.Item(AccountKeys.Member(Account, user), new Membership(Account, user, role, Clock.GetUtcNow()), AccessJson.Default.Membership), Condition.Absent, Cancellation);
        return user.ToString();
    }

    private void AddTo(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IItemStore>(_ => new MemoryItems(Clock));
        services.AddSingleton<IQueues>(Queues);
        services.AddSingleton<IDeadLetters>(Queues);
        services.AddSingleton<IKeys, MemoryKeys>();
        services.AddSingleton<IObjectStores>(Objects);
        services.AddSingleton<IConnections>(Connections);
        services.AddSingleton<IPlatformReader>(Platform);
        services.AddSingleton<IPlatformWriter>(Writer);
        services.AddSingleton<ActivityLog>();
        services.AddSingleton(_options);
        services.AddSources().AddExportFormats();
        _replace?.Invoke(services);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public WorldQueues Queues { get; }

    public MemoryObjectStores Objects { get; }

    public ScriptedPlatform Platform { get; } = new();

    public ScriptedWriter Writer { get; }

    public ScriptedConnections Connections { get; } = new();

    public AccountId Account { get; } = AccountId.New(TimeProvider.System);

    /// <summary>How much time each delivery gets.</summary>
    public TimeSpan DeliveryTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>What handlers threw, oldest first.</summary>
    public List<Exception> Failures { get; } = [];

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public RunStore Runs => Get<RunStore>();

    public async Task<Source> AddSourceAsync(Func<Source, Source>? change = null)
    {
        var source = new Source
        {
            Id = SourceId.New(Clock),
            AccountId = Account,
            Name = "Everything",
            ConnectionId = Connections.Id,
            Platform = "scripted",
            CreatedAt = Clock.GetUtcNow(),
        };
        source = change?.Invoke(source) ?? source;
        await Runs.Items.PutAsync(RunStore.SourceItem(source), Condition.Absent, Cancellation);
        return source;
    }

    public async Task<Source> SourceAsync(Source source) => (await Runs.GetSourceAsync(source.AccountId, source.Id, Cancellation)).Value;

    public async Task<Run> StartAsync(Source source, Func<Run, Run>? change = null)
    {
        var stored = await Runs.GetSourceAsync(source.AccountId, source.Id, Cancellation);
        var run = Get<StartRun>().New(stored.Value, RunTrigger.Manual, "usr_test");
        return await Get<StartRun>().RunAsync(stored, change?.Invoke(run) ?? run, Cancellation);
    }

    /// <summary>Starts a run and works until nothing waits any more.</summary>
    public async Task<Run> SyncAsync(Source source, Func<Run, Run>? change = null)
    {
        var run = await StartAsync(source, change);
        await WorkAsync();
        return await RunAsync(run);
    }

    public async Task<Run> RunAsync(Run run) => (await Runs.FindRunAsync(run.SourceId, run.Id, Cancellation))!.Value;

    public async Task<IReadOnlyDictionary<string, RunPart>> PartsAsync(Run run) =>
        (await Runs.PartsAsync(run.SourceId, run.Id, Cancellation)).ToDictionary(p => p.Value.Stream, p => p.Value, StringComparer.Ordinal);

    /// <summary>Delivers messages, and lets time pass where all of them wait, until there are none.</summary>
    public async Task WorkAsync(int deliveriesMax = DeliveriesMax)
    {
        for (var i = 0; i < deliveriesMax; i++)
        {
            if (await DeliverAsync()) continue;
            if (Queues.NextAt() is not { } next) return;
            Clock.Advance(next - Clock.GetUtcNow());
        }
        if (deliveriesMax == DeliveriesMax) throw new InvalidOperationException($"The work does not end: {deliveriesMax} deliveries, {Queues.Sent} messages sent.");
    }

    /// <summary>Delivers one message that is ready. A handler that fails leaves it to be delivered again, as a killed process does.</summary>
    public async Task<bool> DeliverAsync()
    {
        if (Queues.Take() is not { } delivery) return false;
        try
        {
            var handler = (IMessageHandler)_services.GetRequiredService(SourceServices.QueueHandlers[delivery.Queue]);
            await handler.HandleAsync(delivery.Message, Clock.GetUtcNow() + DeliveryTime, Cancellation);
            Queues.Done(delivery.Message);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Failures.Add(failure);
        }
        return true;
    }

    public async Task SweepAsync()
    {
        Clock.Advance(RunStore.SilenceMax + TimeSpan.FromSeconds(1));
        await Get<Maintenance>().TickAsync(Clock.GetUtcNow() + TimeSpan.FromMinutes(1), Cancellation);
        await WorkAsync();
    }

    public Task<BackupVault> VaultAsync() => Get<AccountVaults>().OpenAsync(Account, Cancellation);

    public async Task<IReadOnlyList<Snapshot>> SnapshotsAsync(Source source)
    {
        var snapshots = new List<Snapshot>();
        await foreach (var snapshot in (await VaultAsync()).ListSnapshotsAsync(source.Id.ToString(), Cancellation)) snapshots.Insert(0, snapshot);
        return snapshots;
    }

    /// <summary>The records of a stream as the newest snapshot has them, by key.</summary>
    public async Task<IReadOnlyDictionary<string, string>> BackedUpAsync(Source source, string stream, long? seq = null)
    {
        var reader = await (await VaultAsync()).OpenSnapshotAsync(source.Id.ToString(), seq, Cancellation);
        var records = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var record in reader.ReadAsync(stream, Cancellation)) records.Add(record.Key, Encoding.UTF8.GetString(record.Json.Span));
        return records;
    }

    /// <summary>The newest snapshot holds exactly what the platform has, and every byte of the vault verifies.</summary>
    public async Task ShouldBeBackedUpAsync(Source source, params string[] streams)
    {
        foreach (var stream in streams)
        {
            (await BackedUpAsync(source, stream)).ShouldBe(Platform[stream].Records.ToDictionary(r => r.Key, r => r.Value.Json), ignoreOrder: true);
        }
        var report = await (await VaultAsync()).VerifyAsync(new() { Level = VerifyLevel.Restore }, Cancellation);
        report.Problems.ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is IAsyncDisposable own) await own.DisposeAsync();
    }
}
