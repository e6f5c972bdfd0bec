using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Manifest;

/// <summary>The streams of a manifest by name. Streams under different conditions may share a name: which of them is there, the configuration tells.</summary>
internal sealed class StreamIndex
{
    private readonly Dictionary<string, List<StreamProgram>> _byName = new(StringComparer.Ordinal);

    /// <summary>In the order of the manifest.</summary>
    public List<StreamProgram> All { get; } = [];

    public IReadOnlyList<StreamProgram> this[string name] => _byName.TryGetValue(name, out var streams) ? streams : [];

    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>False when there is a stream of this name already that exists whenever this one does.</summary>
    public bool Add(StreamProgram stream)
    {
        All.Add(stream);
        if (!_byName.TryGetValue(stream.Name, out var same))
            _byName[stream.Name] = same = [];
        var isNew = same.All(other => other.Condition is not null && stream.Condition is not null && other.Condition.Source != stream.Condition.Source);
        same.Add(stream);

        return isNew;
    }

    /// <summary>The streams that one configuration has.</summary>
    /// <exception cref="ConfigException">It has two of one name.</exception>
    public IReadOnlyList<StreamProgram> Of(ExpressionContext context)
    {
        var streams = All.Where(stream => stream.Exists(context)).ToList();
        if (streams.Count != streams.DistinctBy(stream => stream.Name, StringComparer.Ordinal).Count())
            throw new ConfigException($"Under this configuration there are two streams called '{streams.GroupBy(stream => stream.Name, StringComparer.Ordinal).First(same => same.Count() > 1).Key}'.");

        return streams;
    }

    /// <summary>The stream of this name that one configuration has, or null.</summary>
    public StreamProgram? Find(string name, ExpressionContext context) => this[name].FirstOrDefault(stream => stream.Exists(context));
}
