using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>What the fields of a source may hold; all that is wrong is told at once.</summary>
public static class SourceRules
{
    private const int FullSweepDaysMax = 90;
    private const int KeepMax = 10_000;

    public static void Check(Source source)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (source.Name.Length is 0 or > Source.NameLengthMax) errors["name"] = [$"Must have 1 to {Source.NameLengthMax} characters."];
        if (source.FullSweepDays is < 1 or > FullSweepDaysMax) errors["fullSweepDays"] = [$"Must be 1 to {FullSweepDaysMax}."];
        if (source.Group is { Length: 0 or > Source.TagLengthMax }) errors["group"] = [$"Must have 1 to {Source.TagLengthMax} characters."];
        if (source.Tags.Count > Source.TagsMax || source.Tags.Any(t => t.Length is 0 or > Source.TagLengthMax))
            errors["tags"] = [$"At most {Source.TagsMax} tags of 1 to {Source.TagLengthMax} characters."];
        source.Schedule?.Check(errors);
        CheckRetention(source.Retention, errors);
        CheckStreams(source.Streams, errors);
        if (errors.Count > 0) throw Problem.Invalid(errors);
    }

    private static void CheckRetention(RetentionPolicy? kept, Dictionary<string, string[]> errors)
    {
        if (kept is null) return;
        int?[] counts = [kept.KeepLast, kept.KeepHourly, kept.KeepDaily, kept.KeepWeekly, kept.KeepMonthly, kept.KeepYearly];
        if (counts.All(c => c is null)) errors["retention"] = ["Say what is kept, or leave retention out to keep everything."];
        else if (counts.Any(c => c is < 1 or > KeepMax)) errors["retention"] = [$"Each number must be 1 to {KeepMax}."];
    }

    private static void CheckStreams(IReadOnlyList<StreamChoice>? streams, Dictionary<string, string[]> errors)
    {
        if (streams is null) return;
        if (streams.Count is 0 or > Source.StreamsMax) errors["streams"] = [$"Choose 1 to {Source.StreamsMax} streams, or leave streams out to back up all."];
        else if (streams.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count() < streams.Count) errors["streams"] = ["A stream is named twice."];
        else if (streams.FirstOrDefault(s => s.ExcludedFields?.Any(f => !FieldExclusion.IsPointer(f)) == true) is { } bad)
            errors["streams"] = [$"The excluded fields of {bad.Name} must be JSON Pointers such as '/password_hash'."];
    }
}
