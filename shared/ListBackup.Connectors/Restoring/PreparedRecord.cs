using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Restoring;

/// <summary>A backed up record made ready to be sent.</summary>
/// <param name="Record">References translated, read-only fields taken out, consent never laxer than live.</param>
/// <param name="Translated">References and own id translated, nothing taken out: what find rules look with.</param>
/// <param name="Unmapped">References whose target is neither mapped nor known.</param>
internal sealed record PreparedRecord(Value Record, Value Translated, IReadOnlyList<FieldPath> Unmapped)
{
    /// <summary>The record as backed up, with the stricter consent of newer versions.</summary>
    public required Value Original { get; init; }

    public required ConsentRules Consent { get; init; }

    public IReadOnlyList<FieldPath> Kept => Consent.Kept;

    /// <summary>Sets that keep what was added to the live record.</summary>
    public required IReadOnlyList<FieldPath> Stayed { get; init; }

    /// <summary>Fields that a new record is made without, as it was asked.</summary>
    public IReadOnlyList<FieldPath> LeftOut { get; init; } = [];

    /// <summary>Fields that a new record is made with all the same.</summary>
    public IReadOnlyList<FieldPath> WrittenAnyway { get; init; } = [];

    public static PreparedRecord Of(RestoreStream stream, RestoreRecord record, Value live)
    {
        var backup = ValueJson.Parse(record.Json);
        if (backup.Kind != ValueKind.Map)
            throw new ArgumentException("A record is a JSON object.", nameof(record));

        var consent = new ConsentRules(stream.Info.NeverWeaken, record.BringsConsentBack);
        var original = stream.Info.NeverWeaken.Count == 0 || record.Newer.Count == 0 ? backup : consent.StricterOfKnown(backup, [.. record.Newer.Select(ValueJson.Parse)]);
        var unmapped = new List<FieldPath>();
        var translated = original;
        foreach (var reference in stream.Info.References)
            translated = ValuePaths.Change(translated, reference.Field.Keys, value => Translate(value, reference, record.Ids, unmapped));

        var prepared = translated.Map.Copy();
        foreach (var field in stream.Info.ReadOnly)
            ValuePaths.Remove(prepared, field.Keys);
        var sets = new SetRules(stream.Info.Sets);
        var (leftOut, anyway) = (new List<FieldPath>(), new List<FieldPath>());
        if (live.Kind == ValueKind.Map)
        {
            sets.Merge(prepared, live, record.Undone.IsEmpty ? Value.Undefined : ValueJson.Parse(record.Undone), record.HasExactSets);
            if (record.Fields is not null)
                prepared = WithKept(stream, record.Fields, prepared, live, consent);
            consent.KeepLive(prepared, live);
            consent.KeepAddress(prepared, original, live);
        }
        else
        {
            if (record.Fields is not null)
                prepared = record.Fields.LeaveOut(Value.Of(prepared), AlwaysCreated(stream), leftOut, anyway).Map;
            consent.Begin(prepared);
        }

        var oldId = ValuePaths.Get(original, stream.Id.Keys);
        var withId = ValuePaths.Change(translated, stream.Id.Keys, id => record.Ids.Find(stream.Info.Name, PythonText.Str(oldId)) is { } newId ? Spelled(newId, id) : id);

        return new PreparedRecord(Value.Of(prepared), withId, unmapped) 
        {
            Original = original,
            Consent = consent,
            Stayed = [.. sets.Stayed.Where(field => record.Fields?.IsKept(field) != true)],
            LeftOut = leftOut,
            WrittenAnyway = anyway,
        };
    }

    /// <summary>
    /// The record with the fields that stay as they are. Where it comes to stand for another person than the live one, by what people are told apart, their consent goes
    /// along as it would without a policy: an address that said no would else take over the yes of another.
    /// </summary>
    private static ValueMap WithKept(RestoreStream stream, FieldPolicy policy, ValueMap prepared, Value live, ConsentRules consent)
    {
        var present = live.Map.Copy();
        foreach (var field in stream.Info.ReadOnly)
            ValuePaths.Remove(present, field.Keys);
        var merged = policy.Merge(Value.Of(prepared), Value.Of(present)).Map;
        var whose = stream.Find.Where(rule => rule.Match.By != MatchKind.LiveId).SelectMany(rule => rule.Match.Fields).Concat(consent.Addresses);
        if (whose.Any(field => ValuePaths.Get(Value.Of(merged), field.Keys) is { IsUndefined: false } wanted && !Operators.AreEqual(wanted, ValuePaths.Get(live, field.Keys))))
            consent.GoAlong(merged, Value.Of(prepared));

        return merged;
    }

    /// <summary>By what it is found again, what the platform demands, and consent: without it the platform would begin at its own default, which may be a yes.</summary>
    private static IReadOnlyList<FieldPath> AlwaysCreated(RestoreStream stream) =>
    [
        .. stream.Info.Key, .. stream.Info.Match.SelectMany(rule => rule.Fields), .. stream.Info.Required,
        .. stream.Info.NeverWeaken.SelectMany(rule => new[] { rule.Field, rule.Address, rule.LeftIn }.OfType<FieldPath>()),
    ];

    /// <summary>The fields in which the live record differs from what would be sent. What is only live is nobody's loss and not compared.</summary>
    public IReadOnlyList<FieldPath> Differences(Value live, RestoreStream stream)
    {
        if (live.Kind != ValueKind.Map)
            return [];

        // Taken out on both sides: lists are compared item by item, and an item that lost a field only here would differ from its own.
        var compared = Record.Map.Copy();
        var present = live.Map.Copy();
        foreach (var field in stream.NotCompared)
        {
            ValuePaths.Remove(compared, field.Keys);
            ValuePaths.Remove(present, field.Keys);
        }

        var differences = new List<FieldPath>();
        if (stream.Compared is not null)
        {
            foreach (var field in stream.Compared.Where(field => !ValuePaths.Get(Value.Of(compared), field.Keys).IsUndefined))
                Compare(ValuePaths.Get(Value.Of(compared), field.Keys), ValuePaths.Get(Value.Of(present), field.Keys), field.Keys, differences);

            return differences;
        }

        Compare(Value.Of(compared), Value.Of(present), [], differences);

        return differences;
    }

    private static Value Translate(Value value, Relation reference, IIdMap ids, List<FieldPath> unmapped)
    {
        if (reference.IsMemberNames && value.Kind == ValueKind.Map)
        {
            var renamed = new ValueMap();
            foreach (var (name, member) in value.Map)
                renamed.Set(ids.Find(reference.Stream, name) ?? name, member);

            return Value.Of(renamed);
        }

        if (value.IsNothing || value.Kind is ValueKind.List or ValueKind.Map)
            return value;
        if (ids.Find(reference.Stream, PythonText.Str(value)) is { } newId)
            return Spelled(newId, value);
        if (!unmapped.Contains(reference.Field))
            unmapped.Add(reference.Field);

        return value;
    }

    /// <summary>A number stays a number.</summary>
    private static Value Spelled(string newId, Value old) =>
        old.Kind == ValueKind.Integer && System.Numerics.BigInteger.TryParse(newId, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Value.Of(number)
            : Value.Of(newId);

    private static void Compare(Value wanted, Value live, IReadOnlyList<string> path, List<FieldPath> differences)
    {
        if (wanted.Kind == ValueKind.Map && live.Kind == ValueKind.Map)
        {
            foreach (var (key, member) in wanted.Map)
                Compare(member, live.Map[key], [.. path, key], differences);
        }
        else if (wanted.Kind == ValueKind.List && live.Kind == ValueKind.List && wanted.List.Count == live.List.Count && wanted.List.Any(item => item.Kind == ValueKind.Map))
        {
            // Items are records too: what only the live one has is no difference.
            for (var at = 0; at < wanted.List.Count; at++)
                Compare(wanted.List[at], live.List[at], [.. path, at.ToString(CultureInfo.InvariantCulture)], differences);
        }
        else if (!Operators.AreEqual(wanted, live) && !(wanted.IsNothing && live.IsNothing) && path.Count > 0)
        {
            differences.Add(new FieldPath(path));
        }
    }
}
