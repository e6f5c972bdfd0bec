using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Restoring;

/// <summary>
/// What becomes of a record's consent fields. The stricter of all that is known wins, what is not known is not a yes, and who is made anew comes back without one
/// unless the restore was asked for it (docs/adr/0020).
/// </summary>
internal sealed class ConsentRules(IReadOnlyList<NeverWeaken> rules, bool bringsConsentBack)
{
    private readonly HashSet<NeverWeaken> _unknown = [];

    /// <summary>Fields that are stricter than the backup has them, because the live record or a newer version is; and addresses that stay for that reason.</summary>
    public List<FieldPath> Kept { get; } = [];

    /// <summary>Fields in which the backup has a yes that somebody who was deleted does not get back.</summary>
    public List<FieldPath> Withheld { get; } = [];

    /// <summary>Fields in which they get it back, because the restore was asked for it.</summary>
    public List<FieldPath> Granted { get; } = [];

    /// <summary>The backed up record with what newer versions of it say more strictly, all under the backup's own ids.</summary>
    /// <param name="newestFirst">The versions that were seen after the one that is restored.</param>
    public Value StricterOfKnown(Value record, IReadOnlyList<Value> newestFirst)
    {
        var changed = record.Map.Copy();
        foreach (var rule in rules)
        {
            // A version of somebody who was archived already says nothing about what they wanted; the one before it does.
            var known = newestFirst.FirstOrDefault(version => !rule.IsDeleted(Get(version, rule.Field)), Value.Undefined);
            if (known.IsUndefined)
                continue;
            if (rule.ItemsBy is not null)
                Keep(rule, KeepItems(rule, changed, known));
            else if (rule.Strictness(Get(known, rule.Field)) is not { } newest)
                _unknown.Add(rule);
            else if (newest < Wanted(rule, changed))
                Keep(rule, SetOrRemove(changed, rule, Get(known, rule.Field)));
        }

        return Value.Of(changed);
    }

    /// <summary>The fields that say whose consent it is.</summary>
    public IEnumerable<FieldPath> Addresses => rules.Select(rule => rule.Address).OfType<FieldPath>();

    /// <summary>Puts the consent of the whole record back into one of which only some fields are written.</summary>
    public void GoAlong(ValueMap merged, Value whole)
    {
        foreach (var rule in rules.Where(rule => !Get(whole, rule.Field).IsUndefined))
            ValuePaths.Set(merged, rule.Field.Keys, Get(whole, rule.Field));
    }

    /// <summary>For a record that is there: puts back the live value where it is stricter, and leaves out what might be a yes where the live value is not known.</summary>
    public void KeepLive(ValueMap prepared, Value live)
    {
        foreach (var rule in rules)
        {
            if (rule.ItemsBy is not null)
            {
                Keep(rule, KeepItems(rule, prepared, live));
                continue;
            }

            var (wanted, present) = (Get(Value.Of(prepared), rule.Field), Get(live, rule.Field));
            if (wanted.IsUndefined || Operators.AreEqual(wanted, present) || wanted.IsNothing && present.IsNothing)
                continue;
            if (rule.IsDeleted(present))
                Archived(rule, prepared, present);
            else if (rule.Strictness(present) is not { } strictness)
                Keep(rule, Wanted(rule, prepared) > rule.CreatedAsPlace && Remove(prepared, rule.Field));
            else if (strictness < Wanted(rule, prepared))
                Keep(rule, SetOrRemove(prepared, rule, present));
        }
    }

    /// <summary>
    /// An address that goes back belongs to somebody else as far as consent is concerned. Where the consent goes along it is the stricter one already; where it
    /// does not, the platform keeps it by address or by record, and either way nothing is weakened only when the old one had then what the new one has now.
    /// </summary>
    public void KeepAddress(ValueMap prepared, Value backup, Value live)
    {
        foreach (var rule in rules.Where(rule => rule.Address is not null))
        {
            var (wanted, present) = (Get(Value.Of(prepared), rule.Address!), Get(live, rule.Address!));
            if (wanted.IsUndefined || IsSameAddress(wanted, present))
                continue;
            var goesAlong = rule.Written == ConsentWrites.Always && !Get(Value.Of(prepared), rule.Field).IsNothing;
            if (goesAlong || rule.Strictness(Get(live, rule.Field)) is >= 0 and var strictness && strictness == rule.Strictness(Get(backup, rule.Field)))
                continue;
            if (present.IsUndefined)
                ValuePaths.Remove(prepared, rule.Address!.Keys);
            else
                ValuePaths.Set(prepared, rule.Address!.Keys, present);
            if (!Kept.Contains(rule.Address!))
                Kept.Add(rule.Address!);
        }
    }

    /// <summary>For a record that is made anew.</summary>
    public void Begin(ValueMap prepared)
    {
        foreach (var rule in rules.Where(rule => rule.Written != ConsentWrites.Never && rule.CreatedAs != NeverWeaken.AsBackedUp))
        {
            var wanted = Get(Value.Of(prepared), rule.Field);
            if (rule.ItemsBy is not null ? wanted.Kind != ValueKind.List || wanted.List.Count == 0 : Wanted(rule, prepared) <= rule.CreatedAsPlace)
                continue;
            if (bringsConsentBack && !_unknown.Contains(rule))
            {
                if (IsTold(rule, wanted))
                    Granted.Add(rule.Field);
                continue;
            }

            ValuePaths.Set(prepared, rule.Field.Keys, rule.ItemsBy is not null ? Value.Of(new ValueList()) : rule.CreatedAsLike(wanted));
            if (IsTold(rule, wanted))
                Withheld.Add(rule.Field);
        }
    }

    /// <summary>Whether the backup has a yes: a field that it lacks is none, unless the manifest says so.</summary>
    private static bool IsTold(NeverWeaken rule, Value wanted) => !wanted.IsNothing || rule.AbsentMeans is not null;

    /// <summary>Somebody who is there but counts as deleted: they stay so, or come back as if they were made anew.</summary>
    private void Archived(NeverWeaken rule, ValueMap prepared, Value present)
    {
        if (Wanted(rule, prepared) <= rule.CreatedAsPlace)
            return;
        if (bringsConsentBack && !_unknown.Contains(rule))
        {
            Granted.Add(rule.Field);
            return;
        }

        ValuePaths.Set(prepared, rule.Field.Keys, present);
        Withheld.Add(rule.Field);
    }

    /// <summary>How strict the value is that would be written; a value that is not known may mean a yes.</summary>
    private static int Wanted(NeverWeaken rule, ValueMap prepared) =>
        rule.Strictness(Get(Value.Of(prepared), rule.Field)) is >= 0 and var place ? place : int.MaxValue;

    private void Keep(NeverWeaken rule, bool isKept)
    {
        if (isKept && !Kept.Contains(rule.Field))
            Kept.Add(rule.Field);
    }

    private static bool SetOrRemove(ValueMap map, NeverWeaken rule, Value value)
    {
        if (value.IsNothing)
            return Remove(map, rule.Field);
        ValuePaths.Set(map, rule.Field.Keys, value);

        return true;
    }

    private static bool Remove(ValueMap map, FieldPath field)
    {
        var isThere = !Get(Value.Of(map), field).IsUndefined;
        ValuePaths.Remove(map, field.Keys);

        return isThere;
    }

    /// <summary>Addresses are what people type, so neither case nor blanks around tell them apart.</summary>
    private static bool IsSameAddress(Value one, Value other) => Operators.AreEqual(one, other) || one.IsNothing && other.IsNothing
        || one.IsText && other.IsText && string.Equals(one.Text.Trim(), other.Text.Trim(), StringComparison.OrdinalIgnoreCase);

    private static Value Get(Value record, FieldPath field) => ValuePaths.Get(record, field.Keys);

    /// <returns>True when the backup has an item that does not come back.</returns>
    private static bool KeepItems(NeverWeaken rule, ValueMap prepared, Value known)
    {
        var (wanted, present) = (Get(Value.Of(prepared), rule.Field), Get(known, rule.Field));
        if (wanted.Kind != ValueKind.List)
            return false;

        return rule.LeftIn is { } place && (Get(known, place).Kind == ValueKind.List || rule.AbsentMeans == NeverWeaken.NothingLeft)
            ? KeepLeft(rule, prepared, wanted, present, Get(known, place))
            : KeepFewer(rule, prepared, wanted, present);
    }

    /// <summary>
    /// Leaves those items that both have. Where that is all of the live ones, they stand as the platform has them, so that their order is no difference.
    /// </summary>
    private static bool KeepFewer(NeverWeaken rule, ValueMap prepared, Value wanted, Value present)
    {
        var live = Items(rule, present);
        var common = wanted.List.Where(item => live.Contains(Item(rule, item))).ToList();
        var isAll = present.Kind == ValueKind.List && Items(rule, Value.Of(common)).SetEquals(live);
        ValuePaths.Set(prepared, rule.Field.Keys, isAll ? present : Value.Of(common));

        return common.Count < wanted.List.Count;
    }

    /// <summary>
    /// Takes out what the live record names as left. When the live list holds all the rest it stands as it is: a platform with such a field only adds.
    /// </summary>
    private static bool KeepLeft(NeverWeaken rule, ValueMap prepared, Value wanted, Value present, Value leftItems)
    {
        var left = Items(rule, leftItems);
        var kept = wanted.List.Where(item => !left.Contains(Item(rule, item))).ToList();
        var hasAll = present.Kind == ValueKind.List && kept.All(item => Items(rule, present).Contains(Item(rule, item)));
        ValuePaths.Set(prepared, rule.Field.Keys, hasAll ? present : Value.Of(kept));

        return kept.Count < wanted.List.Count;
    }

    private static HashSet<string> Items(NeverWeaken rule, Value list) =>
        list.Kind == ValueKind.List ? list.List.Select(item => Item(rule, item)).ToHashSet(StringComparer.Ordinal) : [];

    private static string Item(NeverWeaken rule, Value item) => PythonText.Str(rule.ItemsBy!.Keys is ["*"] ? item : Get(item, rule.ItemsBy));
}
