namespace ListBackup.Connectors;

/// <summary>Where a field stands in a record: the keys from the outside in. <c>*</c> stands for every key or item.</summary>
public sealed class FieldPath : IEquatable<FieldPath>
{
    public FieldPath(IEnumerable<string> keys)
    {
        Keys = [.. keys];
        if (Keys.Count == 0)
            throw new ArgumentException("A field path names at least one key.", nameof(keys));
    }

    /// <summary>One key, taken as it is: a dot in it is part of the name.</summary>
    public static FieldPath Of(params string[] keys) => new(keys);

    /// <summary>At least one key.</summary>
    public IReadOnlyList<string> Keys { get; }

    public bool Equals(FieldPath? other) => other is not null && Keys.SequenceEqual(other.Keys);

    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    public override int GetHashCode() => Keys.Aggregate(0, HashCode.Combine);

    /// <summary>For people: the keys with dots between them.</summary>
    public override string ToString() => string.Join('.', Keys);
}
