using ListBackup.Connectors.Requests;
using ListBackup.Testing;
using ListBackup.Testing.Manifests;

namespace ListBackup.Connectors.Conformance;

/// <summary>One stream of one of our own manifests on a platform where something goes wrong.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private FaultRun(ManifestServer server, ManifestTrial trial, string stream)
    {
        Server = server;
        Trial = trial;
        Stream = stream;
        World = trial.World(stream);
        trial.Serve(World);
    }

    public ManifestServer Server { get; }

    public ManifestTrial Trial { get; }

    public FakeWorld World { get; }

    public string Stream { get; }

    /// <summary>What a reader should bring that sees everything.</summary>
    public List<string> Held => [.. Comparison.Held(World.Table).Order(StringComparer.Ordinal)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="source">Manifest and stream: <c>pages-cursor/in_the_body</c>.</param>
    public static async Task<FaultRun> StartAsync(string source, HttpLimits? limits = null)
    {
        var (manifest, stream) = (source.Split('/')[0], source.Split('/')[1]);
        var server = await ManifestServer.StartAsync(Cancellation);

        return new FaultRun(server, new ManifestTrial(Path.Combine(BuildOutput.Root, "tests", "vectors", "connectors", $"{manifest}.yaml"), server, limits), stream);
    }

    public Task<TrialRead> ReadAsync(StreamState? state = null) => Trial.ReadAsync(Stream, state, Cancellation);

    /// <summary>Reads until it is done: after each failure from the state of the last batch that was kept.</summary>
    public async Task<(List<string> Records, Coverage? Coverage, List<Exception> Failures)> ReadToTheEndAsync(int readsMax = 5)
    {
        var records = new List<string>();
        var failures = new List<Exception>();
        StreamState? state = null;
        for (var count = 0; count < readsMax; count++)
        {
            var read = await ReadAsync(state);
            records.AddRange(read.Records);
            state = read.State;
            if (read.Failure is null)
                return (Sorted(records), read.Coverage, failures);
            failures.Add(read.Failure);
        }

        return (Sorted(records), null, failures);
    }

    public List<string> Sorted(IEnumerable<string> records) => [.. records.Select(record => Comparison.Print(World.Table, record)).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        Trial.Dispose();
        await Server.DisposeAsync();
    }
}
