using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Restoring;

/// <summary>What becomes of a record's sets: of the tags of a live record those of the backup that are missing are added, and what was added since stays.</summary>
internal sealed class SetRules(IReadOnlyList<SetField> fields)
{
    /// <summary>Sets of which the live record has elements that the restored one has not, and that stay.</summary>
    public List<FieldPath> Stayed { get; } = [];

    /// <summary>Puts the merged sets into a record that is to be written over a live one.</summary>
    /// <param name="prepared">The record as it would be written.</param>
    /// <param name="live">The record on the platform.</param>
    /// <param name="undone">The version that is taken back: what it has and the record has not is taken out. Undefined: nothing is.</param>
    /// <param name="isExact">True when nothing may stay that the record has not.</param>
    public void Merge(ValueMap prepared, Value live, Value undone, bool isExact)
    {
        foreach (var field in fields)
        {
            var (wanted, present) = (ValuePaths.Get(Value.Of(prepared), field.Field.Keys), ValuePaths.Get(live, field.Field.Keys));
            if (wanted.IsUndefined || present.IsNothing || Elements(field, wanted) is not { } target || Elements(field, present) is not { } now)
                continue;

            var keys = Keys(target);
            var takenBack = Keys(undone.Kind == ValueKind.Map ? Elements(field, ValuePaths.Get(undone, field.Field.Keys)) ?? [] : []);
            var kept = now.Where(element => keys.Contains(Key(element)) || !isExact && !takenBack.Contains(Key(element))).ToList();
            if (kept.Any(element => !keys.Contains(Key(element))))
                Stayed.Add(field.Field);
            var there = Keys(kept);
            var added = target.Where(element => there.Add(Key(element))).ToList();

            // The live value as it stands, so that neither order nor spelling is a difference.
            ValuePaths.Set(prepared, field.Field.Keys, added.Count == 0 && kept.Count == now.Count ? present : Written(field, [.. kept, .. added]));
        }
    }

    /// <summary>Null when it is no set of plain values.</summary>
    private static IReadOnlyList<Value>? Elements(SetField field, Value value) => value switch
    {
        { IsNothing: true } => [],
        { IsText: true } when field.Separator is { } separator =>
            [.. value.Text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(text => Value.Of(text))],
        { Kind: ValueKind.List } when field.Separator is null && !value.List.Any(element => element.Kind is ValueKind.List or ValueKind.Map) => [.. value.List],
        _ => null,
    };

    private static Value Written(SetField field, IReadOnlyList<Value> elements) => field.Separator is { } separator
        ? Value.Of(string.Join($"{separator} ", elements.Select(PythonText.Str)))
        : Value.Of((IEnumerable<Value>)elements);

    private static HashSet<string> Keys(IEnumerable<Value> elements) => elements.Select(Key).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Key(Value element) => PythonText.Str(element).Trim();
}
