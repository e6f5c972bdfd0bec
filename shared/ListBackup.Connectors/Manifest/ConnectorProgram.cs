using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Configuring;
using ListBackup.Connectors.Dynamic;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Hooks;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Manifest;

/// <summary>A compiled manifest: everything that reading needs, immutable.</summary>
internal sealed class ConnectorProgram
{
    public required ConnectorInfo Info { get; init; }

    public required ConnectorSpec Spec { get; init; }

    public required StreamIndex StreamIndex { get; init; }

    public required IReadOnlyList<StreamInfo> Streams { get; init; }

    /// <summary>More reports at the same time are a mistake in a configuration.</summary>
    private const int JobsMax = 100;

    public required CheckProgram Check { get; init; }

    public required OAuthDescription? OAuth { get; init; }

    public required ApiBudgetSpec? Budget { get; init; }

    /// <summary>How much the manifest lets be read at the same time; null: it does not say.</summary>
    public required ConcurrencyLevel? Concurrency { get; init; }

    /// <summary>How many asynchronous jobs the platform takes at the same time; null: the manifest does not say.</summary>
    public required Template? AsyncJobsMax { get; init; }

    public required IReadOnlyDictionary<string, int> ComponentCounts { get; init; }

    /// <summary>Streams that only a configuration or the platform knows.</summary>
    public required IReadOnlyList<DynamicStream> DynamicStreams { get; init; }

    /// <summary>What happens to a configuration before anything is done with it.</summary>
    public required ConfigRules Rules { get; init; }

    public required IReadOnlyList<ManifestProblem> Warnings { get; init; }

    /// <summary>True when the platform knows a client that has signed in by cookies.</summary>
    public required bool KeepsCookies { get; init; }

    /// <summary>How the platform calls when something changed there; null: the manifest tells of no calls.</summary>
    public WebhookDescription? Webhooks { get; init; }

    public IReadOnlyList<StreamProgram> StreamPrograms => StreamIndex.All;

    /// <summary>What signs in for any of the streams. Those of streams that nobody knows yet are the template's.</summary>
    public IEnumerable<Authenticator> Authenticators => StreamIndex.All
        .Concat(DynamicStreams.Select(dynamic => dynamic.Sample).OfType<StreamProgram>())
        .Select(stream => stream.Authenticator)
        .Concat(DynamicStreams.Select(dynamic => dynamic.Resolver.Retriever?.Requester.Authenticator))
        .OfType<Authenticator>();

    /// <summary>The stream of this name that the session's configuration has.</summary>
    /// <exception cref="UnknownStreamException">There is none.</exception>
    public async ValueTask<StreamProgram> FindAsync(string name, Session session, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (StreamIndex.Find(name, session.Context) is { } stream)
            return stream;

        var resolved = await ResolvedAsync(session, cancellation);
        if (resolved.Find(name, session) is { } found)
            return found;
        if (session.AskedForStreams)
            throw new UnknownStreamException(name);

        // What is remembered may be older than the stream.
        session.Ports.Streams?.Forget();
        (session.Resolved, session.Evidence) = (null, PageEvidence.Nothing);

        return (await ResolvedAsync(session, cancellation)).Find(name, session) ?? throw new UnknownStreamException(name);
    }

    /// <summary>All streams that the session's configuration has.</summary>
    public async Task<IReadOnlyList<StreamProgram>> StreamsAsync(Session session, CancellationToken cancellation) =>
        [.. StreamIndex.Of(session.Context), .. (await ResolvedAsync(session, cancellation)).Of(null, session)];

    /// <summary>The streams of one dynamic stream.</summary>
    public async Task<IReadOnlyList<StreamProgram>> StreamsOfAsync(string dynamic, Session session, CancellationToken cancellation) =>
    [
        .. StreamIndex.Of(session.Context).Where(stream => stream.Dynamic == dynamic),
        .. (await ResolvedAsync(session, cancellation)).Of(dynamic, session),
    ];

    /// <summary>The configuration that streams read.</summary>
    /// <exception cref="ConfigException">The manifest's validations refuse it.</exception>
    public ConnectorConfig Normalized(ConnectorConfig config, TimeProvider clock) => Rules.Apply(config, clock).Effective;

    public SignIn NewSignIn() => new(KeepsCookies);

    /// <exception cref="ConfigException">The manifest's validations refuse the configuration.</exception>
    /// <param name="budget">The budget of the work that the session is a part of; null: it has one of its own.</param>
    public Session OpenSession(ConnectorConfig config, ConnectorPorts ports, string? stream, SignIn? signIn = null, ApiBudget? budget = null)
    {
        var effective = Normalized(config, ports.Clock);
        var context = new ExpressionContext(ports.Clock).Set(Variable.Config, ValueJson.Parse(effective.Utf8Json));

        return new Session(effective, ports, stream, signIn ?? NewSignIn())
        {
            Budget = budget ?? Budget?.Open(context),
            DailyQuota = Info.DailyQuota,
            JobsMax = AsyncJobsMax?.Evaluate(context) is { IsSmallInteger: true } jobs ? (int)Math.Clamp(jobs.Long, 1, JobsMax) : 1,
        };
    }

    /// <summary>What the manifest says of reads at the same time; null when it says nothing.</summary>
    /// <exception cref="ConfigException">The manifest's validations refuse the configuration, or it makes a number something else.</exception>
    public ConcurrencyLimits? ConcurrencyOf(ConnectorConfig config, TimeProvider clock) =>
        Concurrency?.Limits(new ExpressionContext(clock).Set(Variable.Config, ValueJson.Parse(Normalized(config, clock).Utf8Json)));

    /// <summary>The manifest's own budget with nothing spent; null when it has none.</summary>
    /// <exception cref="ConfigException">The configuration gives it a rate that is none.</exception>
    public ApiBudget? OpenBudget(ConnectorConfig config, ConnectorPorts ports) =>
        Budget?.Open(new ExpressionContext(ports.Clock).Set(Variable.Config, ValueJson.Parse(config.Utf8Json)));

    /// <summary>Asked for once per session, or not at all when somebody asked of late.</summary>
    private async ValueTask<ResolvedStreams> ResolvedAsync(Session session, CancellationToken cancellation)
    {
        if (session.Resolved is { } known)
            return known;
        if (DynamicStreams.Count == 0 || session.Ports.Streams is not { } memory)
            return session.Resolved = await AskAsync();

        session.AskedForStreams = false;
        var resolved = await memory.GetAsync(AskAsync, cancellation);

        // What is wrong with the list is part of what every read of its streams has to tell.
        if (!session.AskedForStreams)
            session.Evidence = session.Evidence with { DescriptionsRefused = session.Evidence.DescriptionsRefused + resolved.EntriesRefused };

        return session.Resolved = resolved;

        Task<ResolvedStreams> AskAsync()
        {
            session.AskedForStreams = true;

            return ResolvedStreams.OfAsync(this, session, cancellation);
        }
    }
}
