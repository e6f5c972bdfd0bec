using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Dynamic;

/// <summary>The streams that one configuration's dynamic streams come to. Only those that somebody wants are compiled.</summary>
internal sealed class ResolvedStreams
{
    /// <summary>More than any customer has tables; beyond it something multiplies that should not.</summary>
    private const int StreamsMax = 5_000;

    /// <summary>What is filled in may be YAML, in which a few lines stand for a tree without end.</summary>
    private const int NodesMax = 200_000;

    private readonly Dictionary<string, Resolved> _byName = new(StringComparer.Ordinal);
    private readonly List<Resolved> _all = [];

    private ResolvedStreams()
    {
    }

    public int Count => _all.Count;

    /// <summary>Entries of the platform's lists that are no JSON objects: each may be a stream that nobody knows of.</summary>
    public long EntriesRefused { get; private set; }

    /// <summary>What that means, for people; null when all entries were understood.</summary>
    public string? Doubt => EntriesRefused > 0 ? CoverageSummary.DescriptionsRefused(EntriesRefused) : null;

    /// <exception cref="PlatformException">The platform did not tell its streams, or told them in a way that makes none.</exception>
    /// <exception cref="ConfigException">The same of the configuration.</exception>
    public static async Task<ResolvedStreams> OfAsync(ConnectorProgram program, Session session, CancellationToken cancellation)
    {
        var streams = new ResolvedStreams();
        var before = session.Evidence.DescriptionsRefused;
        foreach (var dynamic in program.DynamicStreams)
        {
            await foreach (var component in dynamic.Resolver.ComponentsAsync(dynamic, session, cancellation))
                streams.Add(dynamic, component, program, session);

            // Streams behind the cut are unknown, and an unknown stream is one that silently has no backup.
            if (session.ParentCut is not null)
                throw dynamic.Resolver.Failure("does not come to its end", session);
        }

        streams.EntriesRefused = session.Evidence.DescriptionsRefused - before;

        return streams;
    }

    /// <summary>The stream of this name, or null.</summary>
    public StreamProgram? Find(string name, Session session) => _byName.TryGetValue(name, out var resolved) ? Compile(resolved, session) : null;

    /// <param name="dynamic">The name of the dynamic stream whose streams are wanted; null: all.</param>
    public IEnumerable<StreamProgram> Of(string? dynamic, Session session) =>
        _all.Where(resolved => dynamic is null || resolved.Origin.Name == dynamic).Select(resolved => Compile(resolved, session));

    private void Add(DynamicStream dynamic, Value component, ConnectorProgram program, Session session)
    {
        if (_all.Count == StreamsMax)
            throw dynamic.Resolver.Failure($"asks for more than {StreamsMax:N0} streams", session);
        if (new ExpandedSize().Of(component) > NodesMax)
            throw dynamic.Resolver.Failure($"asks for a stream of more than {NodesMax:N0} values", session);
        var name = dynamic.NameOf(component);
        if (name.Length == 0)
            throw dynamic.Resolver.Failure($"names no stream for an entry of '{dynamic.Name}'", session);
        var resolved = new Resolved(dynamic, component);
        if (program.StreamIndex.Find(name, session.Context) is not null || !_byName.TryAdd(name, resolved))
            throw dynamic.Resolver.Failure($"names the stream '{name}' twice", session);
        _all.Add(resolved);
    }

    private static StreamProgram Compile(Resolved resolved, Session session)
    {
        var context = resolved.Origin.NewContext();
        try
        {
            var stream = resolved.Origin.Compile(resolved.Component, context);
            if (context.Problems.Count == 0)
                return stream;
        }
        catch (ManifestException exception)
        {
            context.Add(exception.Problems[0]);
        }

        // The reason may quote what was filled in, which may be the customer's; place and component cannot.
        throw resolved.Origin.Resolver.Failure(
            $"does not fit the stream template '{resolved.Origin.Name}' at {context.Problems[0].Path} ({context.Problems[0].Component})", session);
    }

    private sealed record Resolved(DynamicStream Origin, Value Component);
}
