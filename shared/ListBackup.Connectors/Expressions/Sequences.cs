namespace ListBackup.Connectors.Expressions;

/// <summary>What Python can iterate over.</summary>
internal static class Sequences
{
    public static IReadOnlyList<Value> Of(Value value) => value.Kind switch
    {
        ValueKind.List => value.List,
        ValueKind.Map => [.. value.Map.Keys.Select(Value.Of)],
        ValueKind.Text => [.. value.Text.EnumerateRunes().Select(rune => Value.Of(rune.ToString()))],
        _ when value.IsUndefined => [],
        _ => throw new TypeMismatchException($"{value.TypeName} cannot be iterated"),
    };
}
