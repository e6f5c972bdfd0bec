using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;
using ListBackup.Connectors.Partitions;

namespace ListBackup.Connectors.Cursors;

/// <summary>A place inside a read.</summary>
internal sealed record PagePosition
{
    /// <summary>The fields of its partition.</summary>
    public required ValueMap Partition { get; init; }

    /// <summary>The interval's fields.</summary>
    public ValueMap Slice { get; init; } = new();

    /// <summary>The interval's start, its end, and the start of the next one; null where there is none.</summary>
    public string? Start { get; init; }

    public string? End { get; init; }

    public string? Next { get; init; }

    /// <summary>The token of the next page; nothing for a first page.</summary>
    public Value Token { get; init; } = Value.None;

    /// <summary>True when the interval was read to its end: the next one comes.</summary>
    public bool Done { get; init; }

    /// <summary>The highest cursor that the interval has shown so far.</summary>
    public string? Seen { get; init; }

    /// <summary>Something of the partition is missing already, so its cursor stays where it is.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Null at an interval's first page.</summary>
    public PageProgress? Pages { get; init; }

    /// <summary>Null in a place that an older version wrote.</summary>
    public ReadProgress? Read { get; init; }

    /// <summary>The partitions behind this place.</summary>
    public DonePartitions DonePartitions { get; private init; } = new();

    public static PagePosition? Parse(Value value) => value.Kind != ValueKind.Map || value.Map["partition"].Kind != ValueKind.Map ? null : new PagePosition
    {
        Partition = value.Map["partition"].Map,
        Slice = value.Map["slice"] is { Kind: ValueKind.Map } slice ? slice.Map : new ValueMap(),
        Start = Text(value.Map["start"]),
        End = Text(value.Map["end"]),
        Next = Text(value.Map["next"]),
        Token = value.Map["token"].IsUndefined ? Value.None : value.Map["token"],
        Done = value.Map["done"] is { Kind: ValueKind.Boolean, Boolean: true },
        Seen = Text(value.Map["seen"]),
        IsHeld = value.Map["held"].IsTrue,
        Pages = PageProgress.Parse(value.Map["pages"]),
        Read = ReadProgress.Parse(value.Map["read"]),
        DonePartitions = DonePartitions.Parse(value.Map["read"] is { Kind: ValueKind.Map } read ? read.Map["done"] : Value.None),
    };

    public Value ToValue()
    {
        var map = new ValueMap().Set("partition", Value.Of(Partition)).Set("slice", Value.Of(Slice));
        Set("start", Value.Of(Start));
        Set("end", Value.Of(End));
        Set("next", Value.Of(Next));
        Set("token", Token);
        Set("done", Done ? Value.True : Value.None);
        Set("seen", Value.Of(Seen));
        Set("held", IsHeld ? Value.True : Value.None);
        Set("pages", Done || Pages is null ? Value.None : Pages.ToValue());
        Set("read", Read?.ToValue() ?? Value.None);

        return Value.Of(map);

        void Set(string key, Value value)
        {
            if (!value.IsNothing)
                map.Set(key, value);
        }
    }

    private static string? Text(Value value) => value.IsText ? value.Text : null;
}
