using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Requests;
using ListBackup.Connectors.Restoring;
using ListBackup.Demo;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Sources.Tests;

/// <summary>The sources service with the real connector engine and the real vault, against the demo CRM over HTTP.</summary>
internal sealed class DemoWorld : IAsyncDisposable
{
    private readonly DemoConnections _connections;

    private DemoWorld(DemoPlatform platform, SyncOptions? options, HttpLimits limits)
    {
        Platform = platform;
        _connections = new(platform.BaseUrl, limits);
        World = new(options, services =>
        {
            services.AddSingleton<IPlatformReader, EngineReader>();
            services.AddSingleton<IPlatformWriter, EngineWriter>();
            services.AddSingleton<IConnections>(_connections);
        });
    }

    public DemoPlatform Platform { get; }

    public SyncWorld World { get; }

    public ApiUnderTest Api { get; private set; } = null!; // Set by StartAsync, the only way to get one.

    public Source Source { get; private set; } = null!; // As above.

    public string Operator { get; private set; } = "";

    public string Url => $"/v1/accounts/{World.Account}/sources/{Source.Id}";

    public static async Task<DemoWorld> StartAsync(int contacts, SyncOptions? options = null, TimeSpan? answerTimeout = null)
    {
        var platform = await DemoPlatform.StartAsync(new() { Contacts = contacts }, SyncWorld.Cancellation);
        var demo = new DemoWorld(platform, options, new() { AllowPrivateNetworks = true, AnswerTimeout = answerTimeout ?? TimeSpan.FromSeconds(30) });
        demo.Api = await demo.World.StartApiAsync();
        demo.Operator = await demo.World.JoinAsync(Role.Operator);
        demo.Source = await demo.World.AddSourceAsync(s => s with { ConnectionId = demo._connections.Id, Platform = "demo" });
        return demo;
    }

    /// <summary>How many records a stream has. The platform counts live contacts; the stream has the archived ones too.</summary>
    public int CountOf(string stream) => stream == "contacts" ? Platform.Options.Contacts : Platform.Count(stream);

    public async Task<Run> SyncAsync() => await World.SyncAsync(Source);

    public async Task<ApiAnswer> RestoreAsync(object selection, long seq)
    {
        var job = (await Api.PostAsync($"{Url}/restores", new { seq, selection }, Operator)).ShouldBe(System.Net.HttpStatusCode.Accepted).Text("id");
        await World.WorkAsync();
        (await JobAsync(job)).Text("state").ShouldBe("planned", (await JobAsync(job)).Body);
        (await Api.PostAsync($"{Url}/restores/{job}/approve", null, Operator)).ShouldBe(System.Net.HttpStatusCode.Accepted);
        await World.WorkAsync();
        return await JobAsync(job);
    }

    public Task<ApiAnswer> JobAsync(string job) => Api.GetAsync($"{Url}/jobs/{job}", Operator);

    /// <summary>A field of all records of a stream in a snapshot, sorted.</summary>
    public async Task<IReadOnlyList<string>> FieldAsync(string stream, string field, long? seq = null) =>
        [.. (await World.BackedUpAsync(Source, stream, seq)).Values.Select(json => JsonNode.Parse(json)![field]?.ToString() ?? "").Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await World.DisposeAsync();
        await Platform.DisposeAsync();
        _connections.Dispose();
    }

    private sealed class DemoConnections(string url, HttpLimits limits) : IConnections, IDisposable
    {
        private static readonly string Folder = Path.Combine(BuildOutput.Root, "connectors", "demo");
        private readonly ConnectorHttp _http = new(limits);
        private readonly Connector _connector = Connector.LoadFile(Path.Combine(Folder, "manifest.yaml"));

        public ConnectionId Id { get; } = ConnectionId.New(TimeProvider.System);

        public Task<ConnectionInfo?> FindAsync(AccountId account, ConnectionId connection, CancellationToken cancellation) =>
            Task.FromResult<ConnectionInfo?>(new(Id, "Demo", "demo"));

        public Task<OpenConnection> OpenAsync(AccountId account, ConnectionId connection, ConnectionUse use, CancellationToken cancellation) => Task.FromResult(new OpenConnection
        {
            Id = Id,
            Platform = "demo",
            Connector = _connector,
            ConnectorVersion = "test",
            Restore = RestoreManifest.LoadFile(Path.Combine(Folder, "restore.yaml"), _connector),
            Config = ConnectorConfig.Parse(JsonSerializer.Serialize(new { url, credentials = new { auth_type = "api_key", api_key = "demo-key" } })),
            // Waiting is the queue's business: the engine gives up its place at once.
            Ports = new() { Http = _http, WaitMax = TimeSpan.Zero, RetriesMax = 0 },
        });

        public Task MarkUnhealthyAsync(AccountId account, ConnectionId connection, string reason, CancellationToken cancellation) => Task.CompletedTask;

        public void Dispose() => _http.Dispose();
    }
}
