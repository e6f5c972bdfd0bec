using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Hooks;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors;

/// <summary>
/// A loaded connector: a manifest compiled once into an immutable tree. It holds no connection, no secret and no socket,
/// so one instance serves every account and every thread for the life of the process.
/// </summary>
public sealed class Connector
{
    private readonly ConnectorProgram _program;

    private Connector(ConnectorProgram program) => _program = program;

    /// <summary>Compiles the text of a manifest.</summary>
    /// <exception cref="ManifestException">Every problem of the manifest, each with its path. Nothing else is thrown for bad input.</exception>
    public static Connector Load(string yaml, LoadOptions? options = null) => new(ManifestCompiler.Compile(yaml, options ?? new LoadOptions()));

    /// <summary>Compiles the manifest in a file. Files that the manifest names (schemas, icon) are looked up beside it.</summary>
    public static Connector LoadFile(string path, LoadOptions? options = null)
    {
        options ??= new LoadOptions();

        return Load(File.ReadAllText(path), options with { Folder = options.Folder ?? Path.GetDirectoryName(Path.GetFullPath(path)) });
    }

    /// <summary>What the manifest says of itself under <c>x-listbackup</c>: title, category, icon, documentation.</summary>
    public ConnectorInfo Info => _program.Info;

    /// <summary>What a person has to fill in to connect, as a JSON schema, and which of it is secret.</summary>
    public ConnectorSpec Spec => _program.Spec;

    /// <summary>The streams that the manifest declares. Streams that only the platform knows are added by <see cref="DiscoverAsync"/>.</summary>
    public IReadOnlyList<StreamInfo> Streams => _program.Streams;

    /// <summary>The OAuth code flow of the platform, where there is one. The platforms service runs it.</summary>
    public OAuthDescription? OAuth => _program.OAuth;

    /// <summary>How the platform calls when something changed there, where the manifest tells it.</summary>
    public WebhookDescription? Webhooks => _program.Webhooks;

    /// <summary>How often each component type occurs in the manifest. For conformance tables.</summary>
    public IReadOnlyDictionary<string, int> ComponentCounts => _program.ComponentCounts;

    /// <summary>True when <see cref="DiscoverAsync"/> has to ask the platform because some streams are known only there.</summary>
    public bool HasDynamicStreams => _program.DynamicStreams.Count > 0;

    /// <summary>
    /// What does not hinder loading and yet is not what the manifest's author may think: options that the language does not know, and those that
    /// a backup does not follow. Empty when it was loaded with <see cref="LoadOptions.Strict"/>.
    /// </summary>
    public IReadOnlyList<ManifestProblem> Warnings => _program.Warnings;

    /// <summary>
    /// True when which streams there are depends on the configuration, so that <see cref="Streams"/> is not the last word. Without
    /// <see cref="HasDynamicStreams"/> <see cref="DiscoverAsync(ConnectorConfig, ConnectorPorts, DiscoverOptions, CancellationToken)"/> answers that without asking the platform.
    /// </summary>
    public bool StreamsDependOnConfig => HasDynamicStreams || _program.StreamIndex.All.Any(stream => stream.Condition is not null);

    internal ConnectorProgram Program => _program;

    /// <summary>Proves that the configuration works, by reading one record of each stream that the manifest names for it.</summary>
    /// <returns>The verdict. A platform that says no is a result; only cancellation and bugs are thrown.</returns>
    public Task<CheckResult> CheckAsync(ConnectorConfig config, ConnectorPorts ports, CancellationToken cancellation) =>
        new ConnectionCheck(_program, config, ports).RunAsync(cancellation);

    /// <summary>All streams that this configuration can read, with the schemas that only the platform knows.</summary>
    /// <exception cref="PlatformException">The platform did not answer as the manifest expects.</exception>
    /// <exception cref="ConfigException">The configuration is not one that the manifest accepts.</exception>
    public Task<StreamList> DiscoverAsync(ConnectorConfig config, ConnectorPorts ports, CancellationToken cancellation) =>
        DiscoverAsync(config, ports, new DiscoverOptions(), cancellation);

    /// <inheritdoc cref="DiscoverAsync(ConnectorConfig, ConnectorPorts, CancellationToken)"/>
    public Task<StreamList> DiscoverAsync(ConnectorConfig config, ConnectorPorts ports, DiscoverOptions options, CancellationToken cancellation) =>
        new Discovery(_program, config, ports, options).RunAsync(cancellation);

    /// <summary>
    /// Brings a configuration to the form that the manifest reads. <see cref="CheckAsync"/>, <see cref="ReadAsync"/> and the others do this by themselves;
    /// whoever keeps configurations runs the migrations once by <see cref="Migrate"/>.
    /// </summary>
    /// <exception cref="ConfigException">The manifest's validations refuse it. The message names field and rule, never a value.</exception>
    public NormalizedConfig Normalize(ConnectorConfig config, TimeProvider clock) => _program.Rules.Apply(config, clock);

    /// <summary>The manifest's <c>max_concurrency</c>: the most that any configuration gets. Null where it has none.</summary>
    public int? ConcurrencyMax => _program.Concurrency?.Max;

    /// <summary>How many reads of one connection may run at the same time, by the manifest's <c>concurrency_level</c>; null where it says nothing.</summary>
    /// <exception cref="ConfigException">The configuration is not one that the manifest accepts, or makes the number something else.</exception>
    public ConcurrencyLimits? ConcurrencyOf(ConnectorConfig config, TimeProvider clock) => _program.ConcurrencyOf(config, clock);

    /// <summary>Names of the manifest's migrations of configurations, in the order in which they are run.</summary>
    public IReadOnlyList<string> Migrations => [.. _program.Rules.Migrations.Select(migration => migration.Name)];

    /// <summary>
    /// Runs the migrations that a kept configuration has not been through. What is returned is worth keeping, together with the names of all of
    /// <see cref="Migrations"/>: running one twice may do harm, and this one tells the engine that none is to be run again.
    /// </summary>
    /// <param name="done">Names of the migrations that it has been through.</param>
    /// <exception cref="ConfigException">It lacks what a migration needs. The message names fields, never a value.</exception>
    public ConnectorConfig Migrate(ConnectorConfig config, IReadOnlyCollection<string> done, TimeProvider clock) => _program.Rules.Migrate(config, done, clock);

    /// <summary>
    /// Reads one stream, page by page. The last batch has no records and carries the <see cref="RecordBatch.Coverage"/>.
    /// Batches that were yielded stand: each carries the state from which reading resumes at the next page, so after an exception
    /// the caller goes on with the state of the last batch that it kept.
    /// </summary>
    /// <exception cref="PlatformException">The platform failed beyond what the manifest's error handlers absorb.</exception>
    /// <exception cref="UnknownStreamException">The connector has no such stream.</exception>
    public IAsyncEnumerable<RecordBatch> ReadAsync(ReadRequest request, ConnectorPorts ports, CancellationToken cancellation) =>
        new StreamReading(_program, request, ports).RunAsync(cancellation);

    /// <summary>Asks the platform how many records a stream has, where <c>x-listbackup</c> tells how.</summary>
    /// <returns>Null when the manifest has no probe or the platform does not tell.</returns>
    public Task<long?> ProbeTotalAsync(string stream, ConnectorConfig config, ConnectorPorts ports, CancellationToken cancellation) =>
        new TotalProbing(_program, config, ports).RunAsync(stream, cancellation);

    /// <summary>The refresh call of the manifest's OAuth authenticator, for a service that keeps tokens itself. Null when it has none.</summary>
    public ITokenRefresher? TokenRefresher(ConnectorConfig config, ConnectorPorts ports) => OAuthRefresher.Find(_program, config, ports);
}
