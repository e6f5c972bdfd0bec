using System.Collections.Concurrent;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Dynamic;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>One read, check or restore over one connection: what its parts share, and what they count. Lives as long as the call.</summary>
internal sealed class Session
{
    public Session(ConnectorConfig config, ConnectorPorts ports, string? stream, SignIn? signIn = null)
    {
        Ports = ports;
        Stream = stream;
        Config = ValueJson.Parse(config.Utf8Json);
        Context = new ExpressionContext(ports.Clock).Set(Variable.Config, Config).Set(Variable.StreamSlice, Value.Of(new ValueMap()));
        Tokens = ports.Tokens ?? new MemoryTokens(ports.Clock);
        SignIn = signIn ?? new SignIn(keepsCookies: false);
        OwnHosts = new OwnHosts(Context);
        Sender = new HttpSender(this);
        Answers = new AnswerCache(ports.Http);
    }

    /// <summary>Shares everything and counts for itself.</summary>
    private Session(Session origin, long page)
    {
        (Ports, Stream, Config, Context, Tokens, SignIn) = (origin.Ports, origin.Stream, origin.Config, origin.Context, origin.Tokens, origin.SignIn);
        (TokenPools, Budget, Pace, Resolved, Page) = (origin.TokenPools, origin.Budget, origin.Pace, origin.Resolved, page);
        (Properties, Answers, JobsMax, DailyQuota) = (origin.Properties, origin.Answers, origin.JobsMax, origin.DailyQuota);
        (OwnHosts, RetryBudget) = (origin.OwnHosts, origin.RetryBudget);
        Sender = new HttpSender(this);
    }

    public ConnectorPorts Ports { get; }

    public string? Stream { get; }

    public Value Config { get; }

    /// <summary>The context in which nothing but the configuration is known.</summary>
    public ExpressionContext Context { get; }

    public ITokenSource Tokens { get; }

    public HttpSender Sender { get; }

    /// <summary>What authenticators keep: login tokens and cookies.</summary>
    public SignIn SignIn { get; }

    /// <summary>Tokens that are used in turn, by what they are.</summary>
    public ConcurrentDictionary<string, TokenPool> TokenPools { get; } = new(StringComparer.Ordinal);

    /// <summary>The fields that requests name, for each that names some.</summary>
    public ConcurrentDictionary<object, IReadOnlyList<IReadOnlyList<string>>> Properties { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Reports that the platform prepares at the same time; at least 1.</summary>
    public int JobsMax { get; init; } = 1;

    /// <summary>Answers that are used again.</summary>
    public AnswerCache Answers { get; }

    /// <summary>Call rates of the manifest's own budget.</summary>
    public ApiBudget? Budget { get; init; }

    /// <summary>The platform's quota of a day; null when the manifest tells none.</summary>
    public DailyQuota? DailyQuota { get; init; }

    /// <summary>Holds requests back while one of them waits for the platform.</summary>
    public Pace Pace { get; } = new();

    /// <summary>Which hosts may see the connection's credentials.</summary>
    public OwnHosts OwnHosts { get; }

    public RetryBudget RetryBudget { get; } = new();

    public PageEvidence Evidence { get; set; } = PageEvidence.Nothing;

    /// <summary>The page that is being read, from 1; 0 outside of reading.</summary>
    public long Page { get; set; }

    /// <summary>A parent stream was cut, so children may be missing.</summary>
    public CutReason? ParentCut { get; set; }

    /// <summary>The dynamic streams of this configuration, once somebody wanted them.</summary>
    public ResolvedStreams? Resolved { get; set; }

    /// <summary>True when <see cref="Resolved"/> is what the platform said to this session itself.</summary>
    public bool AskedForStreams { get; set; }

    /// <summary>For work beside what the session does in order: nothing of it is seen or counted here until somebody adds its evidence.</summary>
    public Session Aside(long page) => new(this, page);

    public PlatformFailure Failure(string? host = null) => new() { Stream = Stream, Page = Page, Host = host, Evidence = Evidence };
}
