using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>A record that the fake platform holds.</summary>
/// <param name="Number">Unique in the whole platform; a changed record keeps it.</param>
/// <param name="Json">Verbatim, as the platform sends it.</param>
/// <param name="Time">Its cursor, where the stream has one that is a time.</param>
/// <param name="Count">Its cursor, where the stream has one that is a number.</param>
internal sealed record HeldRecord(int Number, string Json, DateTimeOffset? Time, long? Count)
{
    private readonly Lazy<Value> _value = new(() => ValueJson.Parse(Json));

    /// <summary>When the platform starts to show it; an index that lags shows it later than its cursor tells.</summary>
    public bool IsVisible { get; init; } = true;

    public Value Value => _value.Value;
}

/// <summary>One partition of a stream and its records in the platform's own order.</summary>
internal sealed class HeldPartition(ValueMap fields, ValueMap? extra)
{
    public ValueMap Fields => fields;

    public ValueMap? Extra => extra;

    public List<HeldRecord> Records { get; private set; } = [];

    /// <summary>What is asked for in the same words is the same.</summary>
    public void Share(List<HeldRecord> records) => Records = records;
}
