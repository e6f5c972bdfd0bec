using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Partitions;

/// <summary>One part of a stream that is read on its own: the members of one list, the orders of one shop.</summary>
/// <param name="Fields">What makes it this partition; also the key of its state.</param>
/// <param name="Extra">Fields of the parent record that expressions may use besides.</param>
internal sealed record Partition(ValueMap Fields, ValueMap? Extra)
{
    public static readonly Partition Whole = new(new ValueMap(), null);

    /// <summary>The body of the first page, where the parent record brought it along; empty: it is asked for.</summary>
    public ReadOnlyMemory<byte> FirstPage { get; init; }

    /// <summary>The same partition always has the same text, however its JSON was spelled.</summary>
    public string Key => KeyOf(Fields);

    public static string KeyOf(ValueMap fields) => PythonText.Repr(Value.Of(fields));

    /// <summary>What expressions see as <c>stream_slice</c>, <c>stream_partition</c> and <c>stream_interval</c>.</summary>
    public Value Slice(ValueMap? interval)
    {
        if (interval is null && Extra is null)
            return Value.Of(Fields);

        var slice = Fields.Copy();
        if (interval is not null)
        {
            foreach (var (key, value) in interval)
                slice.Set(key, value);
        }

        if (Extra is not null)
            slice.Set("extra_fields", Value.Of(Extra));

        return Value.Of(slice);
    }
}
