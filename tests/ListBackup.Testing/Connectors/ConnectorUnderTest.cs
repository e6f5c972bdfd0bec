using System.Text;
using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Connectors.Requests;
using ListBackup.Connectors.Restoring;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Testing;

/// <summary>A connector of ours from connectors/, with one connection to a server on loopback. It never really waits: it remembers for how long it would have.</summary>
public sealed class ConnectorUnderTest : IDisposable
{
    private readonly NoWaiting _waiting;
    private readonly ConnectorHttp _http;
    private readonly Lazy<RestoreManifest> _restore;
    private IReadOnlyList<StreamInfo>? _streams;

    /// <param name="answeredBy">A server on loopback that answers for whatever hosts the manifest names; null: the addresses are meant as they are.</param>
    /// <param name="time">The connector's clock. A wait moves it, so that a budget's window passes.</param>
    public ConnectorUnderTest(string platform, object config, HttpLimits? limits = null, Uri? answeredBy = null, FakeTimeProvider? time = null)
    {
        _waiting = new(time);
        Platform = platform;
        var folder = Path.Combine(BuildOutput.Root, "connectors", platform);
        Connector = Connector.LoadFile(Path.Combine(folder, "manifest.yaml"));
        _restore = new(() => RestoreManifest.LoadFile(Path.Combine(folder, "restore.yaml"), Connector));
        Config = ConnectorConfig.Parse(JsonSerializer.Serialize(config));
        _http = new ConnectorHttp(
            (limits ?? new HttpLimits()) with { AllowPrivateNetworks = true },
            sockets => answeredBy is null ? sockets : new LoopbackHosts(sockets, answeredBy));
        Ports = new ConnectorPorts { Http = _http, Waiting = _waiting, Clock = time ?? TimeProvider.System };
    }

    /// <summary>The folder in connectors/.</summary>
    public string Platform { get; }

    public Connector Connector { get; }

    public RestoreManifest Restore => _restore.Value;

    public ConnectorConfig Config { get; }

    public ConnectorPorts Ports { get; set; }

    /// <summary>How long the engine would have waited, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits => _waiting.Delays;

    public Task<CheckResult> CheckAsync() => Connector.CheckAsync(Config, Ports, Cancellation);

    /// <summary>All streams, those that only the platform names included: asked for once.</summary>
    public async Task<IReadOnlyList<StreamInfo>> StreamsAsync() =>
        _streams ??= Connector.HasDynamicStreams ? await Connector.DiscoverAsync(Config, Ports, Cancellation) : Connector.Streams;

    /// <summary>A whole read of a stream.</summary>
    public async Task<StreamRead> ReadAsync(string stream, StreamState? state = null, bool fullRefresh = false)
    {
        var records = new List<string>();
        Coverage? coverage = null;
        var request = new ReadRequest { Stream = stream, Config = Config, State = state, FullRefresh = fullRefresh };
        await foreach (var batch in Connector.ReadAsync(request, Ports, Cancellation))
        {
            using (batch)
            {
                foreach (var record in batch.Records) records.Add(Encoding.UTF8.GetString(record.Span));
                state = batch.StateAfter;
                coverage = batch.Coverage ?? coverage;
            }
        }

        return new StreamRead(records, state!, coverage ?? throw new InvalidOperationException($"The read of {stream} ended without a verdict on its coverage."));
    }

    public RestoreTarget Target() => Restore.Target(Config, Ports);

    public void Dispose() => _http.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private sealed class NoWaiting(FakeTimeProvider? time) : IWaiting
    {
        private readonly List<TimeSpan> _delays = [];

        public IReadOnlyList<TimeSpan> Delays
        {
            get
            {
                lock (_delays) return [.. _delays];
            }
        }

        public ValueTask WaitAsync(TimeSpan delay, WaitReason reason, CancellationToken cancellation)
        {
            lock (_delays) _delays.Add(delay);
            time?.Advance(delay);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>What one read brought.</summary>
public sealed record StreamRead(IReadOnlyList<string> Records, StreamState State, Coverage Coverage)
{
    public IReadOnlyList<JsonElement> Json => [.. Records.Select(record => JsonDocument.Parse(record).RootElement)];

    /// <summary>Raw texts of one field, as the platform spelled them.</summary>
    public IReadOnlyList<string> Raw(string field) => [.. Json.Select(record => record.GetProperty(field).GetRawText())];
}
