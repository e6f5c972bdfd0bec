using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>What one compilation knows: its options, the problems found so far, the templates parsed so far.</summary>
internal sealed class ParseContext(LoadOptions options)
{
    private const long CopiesMax = 2_000_000;

    private readonly Dictionary<(string Text, object? Parameters), Template> _templates = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<ManifestProblem> _seen = [];
    private readonly List<ManifestProblem> _problems = [];
    private readonly List<ManifestProblem> _warnings = [];
    private int _components;
    private long _copied;

    public LoadOptions Options => options;

    public IReadOnlyList<ManifestProblem> Problems => _problems;

    /// <summary>What does not hinder loading, and yet is not what its author thinks.</summary>
    public IReadOnlyList<ManifestProblem> Warnings => _warnings;

    /// <summary>True inside dynamic streams, where the language lets the outer parameters win over the inner ones.</summary>
    public bool OuterParametersWin { get; init; }

    public IReadOnlyDictionary<string, int> ComponentCounts => _counts;

    /// <summary>The manifest's own value of <c>schemas</c>, by stream name.</summary>
    public Value Schemas { get; init; } = Value.Undefined;

    public void Add(ManifestProblem problem)
    {
        if (_seen.Add(problem))
            _problems.Add(problem);
    }

    /// <summary>Adds what loads anyway; when manifests are loaded strictly it does not.</summary>
    public void Warn(ManifestProblem warning)
    {
        if (options.Strict)
            Add(warning);
        else if (_seen.Add(warning))
            _warnings.Add(warning);
    }

    /// <summary>
    /// Adds an option that nobody read. The language lets manifests carry such members, so that they load; but one that is spelled almost like an
    /// option that is not set was meant to be that option, and leaving it out would read something else than its author wants.
    /// </summary>
    /// <param name="unset">The options of the component that are not set.</param>
    public void Unknown(string path, string component, string key, IEnumerable<string> unset)
    {
        if (NearMiss.Find(key, unset) is { } meant)
            Add(new ManifestProblem(path, component, $"This option is not known; '{meant}' was probably meant."));
        else
            Warn(new ManifestProblem(path, component, "This option is not known and has no effect."));
    }

    /// <summary>A compilation of its own, for a part whose problems have to be looked at before they count.</summary>
    public ParseContext Nested(bool outerParametersWin) => new(options) { Schemas = Schemas, OuterParametersWin = outerParametersWin };

    /// <summary>Takes over what a nested compilation found.</summary>
    public void Take(ParseContext nested, Func<ManifestProblem, bool> wanted)
    {
        foreach (var problem in nested.Problems.Where(wanted))
            Add(problem);
        foreach (var warning in nested.Warnings)
            Warn(warning);
        foreach (var (type, count) in nested.ComponentCounts)
            _counts[type] = _counts.GetValueOrDefault(type) + count;
    }

    /// <summary>Counts members of maps that are copied, because a file of a few megabytes can ask for copies of itself without end.</summary>
    public void Copied(int members, string path)
    {
        _copied += members;
        if (_copied > CopiesMax)
            throw new ManifestException(path, "", $"The manifest passes on more than {CopiesMax:N0} parameters.");
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
