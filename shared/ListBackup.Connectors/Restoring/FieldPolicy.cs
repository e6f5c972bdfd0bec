using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Restoring;

/// <summary>
/// Which fields of a record a restore leaves alone. A field that is kept has in what is written the value that it has on the platform, so it is no difference there and
/// is not changed; of a record that is made anew it is left out, unless the record cannot be without it. Consent goes before: see <see cref="ConsentRules"/>.
/// </summary>
/// <param name="KeepsOthers">What holds for fields that are not named.</param>
/// <param name="Keeps">By field, true where it is kept; it holds for all that lies in the field, unless a closer one is named. A list is one value.</param>
public sealed record FieldPolicy(bool KeepsOthers, IReadOnlyDictionary<FieldPath, bool> Keeps)
{
    public bool IsKept(FieldPath field) => IsKept(field.Keys);

    /// <summary>The same, but these fields are not kept, nor what lies in them.</summary>
    public FieldPolicy Without(IEnumerable<FieldPath> fields)
    {
        var keeps = new Dictionary<FieldPath, bool>(Keeps);
        foreach (var field in fields)
        {
            foreach (var inner in Keeps.Keys.Where(inner => inner.Keys.Count > field.Keys.Count && Overlap(inner.Keys, field.Keys)))
                keeps.Remove(inner);
            keeps[field] = false;
        }

        return this with { Keeps = keeps };
    }

    private bool IsKept(IReadOnlyList<string> path)
    {
        for (var length = path.Count; length > 0; length--)
        {
            if (Keeps.TryGetValue(new FieldPath(path.Take(length)), out var isKept))
                return isKept;
        }

        return KeepsOthers;
    }

    /// <summary>The record as it would be written over a live one.</summary>
    internal Value Merge(Value wanted, Value live) => Merge(wanted.Map, live.Map, []);

    /// <summary>The record as it would be made anew.</summary>
    /// <param name="wanted">The whole record.</param>
    /// <param name="always">Fields that it cannot be without.</param>
    /// <param name="left">Takes the fields that are left out.</param>
    /// <param name="anyway">Takes those that should be and are not.</param>
    internal Value LeaveOut(Value wanted, IReadOnlyList<FieldPath> always, List<FieldPath> left, List<FieldPath> anyway) => LeaveOut(wanted.Map, [], always, left, anyway);

    private Value Merge(ValueMap wanted, ValueMap live, IReadOnlyList<string> path)
    {
        var merged = new ValueMap();
        foreach (var (key, member) in wanted)
        {
            IReadOnlyList<string> inner = [.. path, key];
            var value = member.Kind == ValueKind.Map && IsDividedIn(inner)
                ? Merge(member.Map, live[key].Kind == ValueKind.Map ? live[key].Map : new ValueMap(), inner)
                : IsKept(inner) ? live[key] : member;
            if (!value.IsUndefined)
                merged.Set(key, value);
        }

        // An object inside may be written as a whole, and what is kept of it must not go with that.
        foreach (var (key, member) in path.Count == 0 ? new ValueMap() : live)
        {
            if (wanted[key].IsUndefined && IsKept([.. path, key]))
                merged.Set(key, member);
        }

        return Value.Of(merged);
    }

    private Value LeaveOut(ValueMap wanted, IReadOnlyList<string> path, IReadOnlyList<FieldPath> always, List<FieldPath> left, List<FieldPath> anyway)
    {
        var rest = new ValueMap();
        foreach (var (key, member) in wanted)
        {
            IReadOnlyList<string> inner = [.. path, key];
            if (member.Kind == ValueKind.Map && IsDividedIn(inner))
                rest.Set(key, LeaveOut(member.Map, inner, always, left, anyway));
            else if (!IsKept(inner))
                rest.Set(key, member);
            else if (always.Any(field => Overlap(field.Keys, inner)))
                Stay(key, member, inner);
            else
                left.Add(new FieldPath(inner));
        }

        return Value.Of(rest);

        void Stay(string key, Value member, IReadOnlyList<string> inner)
        {
            rest.Set(key, member);
            anyway.Add(new FieldPath(inner));
        }
    }

    /// <summary>True when something is said of a field inside this one.</summary>
    private bool IsDividedIn(IReadOnlyList<string> path) => Keeps.Keys.Any(field => field.Keys.Count > path.Count && Overlap(field.Keys, path));

    /// <summary>True when one lies in the other.</summary>
    private static bool Overlap(IReadOnlyList<string> one, IReadOnlyList<string> other) => one.Zip(other).All(keys => keys.First == keys.Second || keys.First == "*");
}
