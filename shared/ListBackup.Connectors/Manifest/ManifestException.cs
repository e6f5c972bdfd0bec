namespace ListBackup.Connectors.Manifest;

/// <summary>One thing that is wrong with a manifest.</summary>
/// <param name="Path">Where, as written in the file: <c>streams[2].retriever.paginator</c>. References are followed in place.</param>
/// <param name="Component">The type of the component at fault, or empty when there is none.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
/// <param name="Kind">Whether the manifest is wrong or our engine is not there yet.</param>
public sealed record ManifestProblem(string Path, string Component, string Reason, ManifestProblemKind Kind = ManifestProblemKind.Invalid)
{
    public override string ToString() => Component.Length == 0 ? $"{Path}: {Reason}" : $"{Path} ({Component}): {Reason}";
}

public enum ManifestProblemKind
{
    /// <summary>The manifest breaks the language.</summary>
    Invalid,

    /// <summary>The language knows it; this engine does not support it yet.</summary>
    NotSupportedYet,

    /// <summary>The manifest wants code (a <c>Custom…</c> component), which a connector that is data cannot bring.</summary>
    NeedsCode,
}

/// <summary>A manifest (connector or restore) that cannot be used, with all that was found wrong.</summary>
public sealed class ManifestException(IReadOnlyList<ManifestProblem> problems) : Exception(Describe(problems))
{
    public ManifestException(string path, string component, string reason, ManifestProblemKind kind = ManifestProblemKind.Invalid)
        : this([new ManifestProblem(path, component, reason, kind)])
    {
    }

    /// <summary>At least one, in the order of the file.</summary>
    public IReadOnlyList<ManifestProblem> Problems => problems;

    private static string Describe(IReadOnlyList<ManifestProblem> problems) =>
        problems.Count == 1
            ? $"The manifest cannot be used: {problems[0]}"
            : $"The manifest cannot be used: {problems.Count} problems.{string.Concat(problems.Take(20).Select(problem => $"\n  {problem}"))}";
}
