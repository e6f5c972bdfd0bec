using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Cursors;

/// <summary>How long an interval is: a duration that the manifest writes, or one that it makes of the configuration.</summary>
internal sealed class StepLength
{
    private readonly IsoDuration? _known;
    private readonly Template _text;

    private StepLength(IsoDuration? known, Template text)
    {
        _known = known;
        _text = text;
    }

    public static StepLength? ParseOrNull(ComponentReader reader, string key)
    {
        if (reader.TemplateOrNull(key) is not { } text)
            return null;
        if (!text.IsConstant)
            return new StepLength(null, text);
        if (IsoDuration.Parse(text.Source) is not { } known)
            throw reader.Problem(key, "A duration of ISO 8601 is wanted: P1D, PT1S.");

        return known.IsZero ? throw reader.Problem(key, "A step of nothing never arrives.") : new StepLength(known, text);
    }

    /// <exception cref="ConfigException">The configuration makes it no duration, or an empty one.</exception>
    public IsoDuration Evaluate(ExpressionContext context) =>
        _known ?? (IsoDuration.Parse(_text.EvaluateText(context) ?? "") is { IsZero: false } made && made.After(DateTimeOffset.UnixEpoch) > DateTimeOffset.UnixEpoch
            ? made
            : throw new ConfigException("The configuration does not make the cursor's step a duration."));
}
