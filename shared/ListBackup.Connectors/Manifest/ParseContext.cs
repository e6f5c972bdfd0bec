using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>What one compilation knows: its options, the problems found so far, the templates parsed so far.</summary>
internal sealed class ParseContext(LoadOptions options)
{
    private readonly Dictionary<(string Text, object? Parameters), Template> _templates = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<ManifestProblem> _seen = [];
    private readonly List<ManifestProblem> _problems = [];
    private int _components;

    public LoadOptions Options => options;

    public IReadOnlyList<ManifestProblem> Problems => _problems;

    public IReadOnlyDictionary<string, int> ComponentCounts => _counts;

    /// <summary>The manifest's own value of <c>schemas</c>, by stream name.</summary>
    public Value Schemas { get; init; } = Value.Undefined;

    public void Add(ManifestProblem problem)
    {
        if (_seen.Add(problem))
            _problems.Add(problem);
    }

    public void Count(string type, string path)
    {
        _counts[type] = _counts.GetValueOrDefault(type) + 1;
        if (++_components > options.ComponentsMax)
            throw new ManifestException(path, type, $"The manifest expands to more than {options.ComponentsMax:N0} components.");
    }

    /// <summary>A parsed template. The parameters of its component are bound into it, since they never change.</summary>
    public Template Template(string text, Value parameters)
    {
        var bound = text.Contains("parameters", StringComparison.Ordinal) || text.Contains("options", StringComparison.Ordinal) ? parameters : Value.Undefined;
        var key = (text, bound.Kind == ValueKind.Map ? bound.Map : (object?)null);
        if (!_templates.TryGetValue(key, out var template))
            _templates[key] = template = Expressions.Template.Parse(text, bound);

        return template;
    }

    /// <summary>Runs one part of the compilation; what breaks there is noted, and the rest goes on.</summary>
    public T? Try<T>(Func<T> parse)
        where T : class
    {
        try
        {
            return parse();
        }
        catch (ManifestException exception)
        {
            foreach (var problem in exception.Problems)
                Add(problem);

            return null;
        }
    }
}
