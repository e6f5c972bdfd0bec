using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Restoring;

/// <summary>A backed up record made ready to be sent.</summary>
/// <param name="Record">References translated, read-only fields taken out, consent never laxer than live.</param>
/// <param name="Translated">References and own id translated, nothing taken out: what find rules look with.</param>
internal sealed record PreparedRecord(Value Record, Value Translated, IReadOnlyList<FieldPath> Kept, IReadOnlyList<FieldPath> Unmapped)
{
    public static PreparedRecord Of(RestoreStream stream, RestoreRecord record, Value live)
    {
        var original = ValueJson.Parse(record.Json);
        if (original.Kind != ValueKind.Map)
            throw new ArgumentException("A record is a JSON object.", nameof(record));

        var unmapped = new List<FieldPath>();
        var translated = original;
        foreach (var reference in stream.Info.References)
            translated = ValuePaths.Change(translated, reference.Field.Keys, value => Translate(value, reference, record.Ids, unmapped));

        var prepared = translated.Map.Copy();
        foreach (var field in stream.Info.ReadOnly)
            ValuePaths.Remove(prepared, field.Keys);
        var kept = KeepStricter(stream, prepared, live);
        var oldId = ValuePaths.Get(original, stream.Id.Keys);
        var withId = ValuePaths.Change(translated, stream.Id.Keys, id => record.Ids.Find(stream.Info.Name, PythonText.Str(oldId)) is { } newId ? Spelled(newId, id) : id);

        return new PreparedRecord(Value.Of(prepared), withId, kept, unmapped);
    }

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

    /// <summary>Puts back the live value where it is stricter.</summary>
    private static List<FieldPath> KeepStricter(RestoreStream stream, ValueMap prepared, Value live)
    {
        var kept = new List<FieldPath>();
        if (live.Kind != ValueKind.Map)
            return kept;
        foreach (var consent in stream.Info.NeverWeaken)
        {
            var wanted = ValuePaths.Get(Value.Of(prepared), consent.Field.Keys);
            var present = ValuePaths.Get(live, consent.Field.Keys);
            if (consent.ItemsBy is not null)
            {
                if (consent.LeftIn is null ? KeepFewer(consent, prepared, wanted, present) : KeepLeft(consent, prepared, wanted, present, live))
                    kept.Add(consent.Field);
                continue;
            }

            if (wanted.IsUndefined || present.IsNothing || Operators.AreEqual(wanted, present) || Strictness(consent, present) >= Strictness(consent, wanted))
                continue;
            ValuePaths.Set(prepared, consent.Field.Keys, present);
            kept.Add(consent.Field);
        }

        return kept;
    }

    /// <summary>
    /// Leaves those items that both have. Where that is all of the live ones, they stand as the platform has them, so that their order is no difference.
    /// </summary>
    /// <returns>True when the backup has items that the live record lacks.</returns>
    private static bool KeepFewer(NeverWeaken consent, ValueMap prepared, Value wanted, Value present)
    {
        if (wanted.Kind != ValueKind.List)
            return false;

        var live = Items(consent, present);
        var common = wanted.List.Where(item => live.Contains(Item(consent, item))).ToList();
        var isAll = present.Kind == ValueKind.List && Items(consent, Value.Of(common)).SetEquals(live);
        ValuePaths.Set(prepared, consent.Field.Keys, isAll ? present : Value.Of(common));

        return common.Count < wanted.List.Count;
    }

    /// <summary>
    /// Takes out what the live record names as left. When the live list holds all the rest it stands as it is: a platform with such a field only adds.
    /// </summary>
    /// <returns>True when the backup has an item that the person left.</returns>
    private static bool KeepLeft(NeverWeaken consent, ValueMap prepared, Value wanted, Value present, Value live)
    {
        if (wanted.Kind != ValueKind.List)
            return false;

        var left = Items(consent, ValuePaths.Get(live, consent.LeftIn!.Keys));
        var kept = wanted.List.Where(item => !left.Contains(Item(consent, item))).ToList();
        var hasAll = present.Kind == ValueKind.List && kept.All(item => Items(consent, present).Contains(Item(consent, item)));
        ValuePaths.Set(prepared, consent.Field.Keys, hasAll ? present : Value.Of(kept));

        return kept.Count < wanted.List.Count;
    }

    private static HashSet<string> Items(NeverWeaken consent, Value list) =>
        list.Kind == ValueKind.List ? list.List.Select(item => Item(consent, item)).ToHashSet(StringComparer.Ordinal) : [];

    private static string Item(NeverWeaken consent, Value item) => PythonText.Str(consent.ItemsBy!.Keys is ["*"] ? item : ValuePaths.Get(item, consent.ItemsBy.Keys));

    /// <summary>A value's place from the strictest on. One that the manifest does not know may mean anything, so it counts as the strictest.</summary>
    private static int Strictness(NeverWeaken consent, Value value)
    {
        var text = value.Kind == ValueKind.Boolean ? value.Boolean ? "true" : "false" : PythonText.Str(value);
        for (var place = 0; place < consent.StrictestFirst.Count; place++)
        {
            if (string.Equals(consent.StrictestFirst[place], text, StringComparison.OrdinalIgnoreCase))
                return place;
        }

        return -1;
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
