using System.Collections;
using System.Text.Json;

namespace ListBackup.Connectors.Expressions;

/// <summary>A list. One that came from JSON is parsed when somebody looks into it, and written back as the bytes it was when nobody changed it.</summary>
internal sealed class ValueList : IReadOnlyList<Value>
{
    private readonly ReadOnlyMemory<byte> _json;
    private List<Value>? _items;

    public ValueList() => _items = [];

    public ValueList(IEnumerable<Value> items) => _items = [.. items];

    private ValueList(ReadOnlyMemory<byte> json) => _json = json;

    /// <summary>Python's tuple, which prints with round brackets.</summary>
    public bool IsTuple { get; init; }

    public static ValueList FromJson(ReadOnlyMemory<byte> json) => new(json);

    public int Count => Items.Count;

    public Value this[int index] => Items[index];

    /// <summary>The list's own JSON while nobody has looked into it; empty otherwise.</summary>
    public ReadOnlyMemory<byte> UntouchedJson => _items is null ? _json : default;

    public void Add(Value value) => Items.Add(value);

    public void Insert(int index, Value value) => Items.Insert(index, value);

    public void RemoveAt(int index) => Items.RemoveAt(index);

    public void Set(int index, Value value) => Items[index] = value;

    public IEnumerator<Value> GetEnumerator() => Items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<Value> Items => _items ??= Parse();

    private List<Value> Parse()
    {
        var items = new List<Value>();
        var reader = new Utf8JsonReader(_json.Span, ValueJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ValueJson.ReadMember(ref reader, _json, out _));

        return items;
    }
}
