using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Sources.Tests;

/// <summary>A source with a snapshot, a folder for exports, and its export plans through the API.</summary>
public sealed class PlanWorld : IAsyncDisposable
{
    private readonly Exporting _exports;

    private PlanWorld(Exporting exports, string root, string admin) => (_exports, Root, Admin) = (exports, root, admin);

    public string Root { get; }

    public string Admin { get; }

    public SyncWorld World => _exports.World;

    public ApiUnderTest Api => _exports.Api;

    public Source Source => _exports.Source;

    public string Url => _exports.Url;

    /// <param name="destinations">In place of the installation's own.</param>
    /// <param name="allowPrivate">Reaches services on this machine.</param>
    public static async Task<PlanWorld> StartAsync(IExportDestinations? destinations = null, bool allowPrivate = false)
    {
        var root = Directory.CreateTempSubdirectory("listbackup-plans-").FullName;
        var exports = await Exporting.StartAsync(replace: services =>
        {
            services.AddSingleton(new ExportOptions { DestinationRoot = root, AllowPrivateNetworks = allowPrivate });
            if (destinations is not null) services.AddSingleton(destinations);
        });
        return new(exports, root, await exports.World.JoinAsync(Role.Admin));
    }

    public Task<ApiAnswer> PostAsync(string plan) => Api.PostAsync($"{Url}/export-plans", plan, Admin);

    public async Task<string> AddAsync(string plan) => (await PostAsync(plan)).ShouldBe(HttpStatusCode.Created).Text("id");

    /// <summary>The scheduler's minute, and all the work that it makes.</summary>
    public async Task TickAsync()
    {
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        await World.Get<Scheduler>().TickAsync(World.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);
        await World.WorkAsync();
    }

    public async Task<IReadOnlyList<JsonNode>> DeliveriesAsync(string plan) =>
        [.. (await Api.GetAsync($"{Url}/export-plans/{plan}/deliveries", Admin)).ShouldBe(HttpStatusCode.OK).Json["items"]!.AsArray().Select(d => d!)];

    /// <summary>What lies in a folder of the account, by name.</summary>
    public IReadOnlyList<string> Folders(string folder) => [.. Directory.EnumerateDirectories(Path.Combine(Root, World.Account.ToString(), folder)).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _exports.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}

/// <summary>A destination in memory that is away for its first requests.</summary>
public sealed class FlakyDestinations : IExportDestinations, IExportDestination
{
    public int Failures { get; set; }

    public ConcurrentDictionary<string, byte[]> Stored { get; } = new(StringComparer.Ordinal);

    public void Check(Destination destination, IDictionary<string, string[]> errors)
    {
    }

    public IExportDestination Open(AccountId account, Destination destination, string secret) => this;

    public async Task PutAsync(string name, Stream content, ExportFile file, CancellationToken cancellation)
    {
        if (Failures-- > 0) throw new DestinationException("The bucket could not be reached.", isFinal: false);
        var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellation);
        Stored[name] = bytes.ToArray();
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        Stored.TryRemove(name, out _);
        return Task.CompletedTask;
    }
}
