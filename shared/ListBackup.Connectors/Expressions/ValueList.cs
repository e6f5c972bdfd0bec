using System.Collections;
using System.Text.Json;

namespace ListBackup.Connectors.Expressions;

/// <summary>A list. One that came from JSON is parsed when somebody looks into it, and written back as the bytes it was when nobody changed it.</summary>
internal sealed class ValueList : IReadOnlyList<Value>
{
    private readonly ReadOnlyMemory<byte> _json;
    private readonly (int Count, Value First, Value Last)? _ends;
    private List<Value>? _items;

    public ValueList() => _items = [];

    public ValueList(IEnumerable<Value> items) => _items = [.. items];

    private ValueList(ReadOnlyMemory<byte> json) => _json = json;

    private ValueList((int Count, Value First, Value Last) ends) => _ends = ends;

    /// <summary>Python's tuple, which prints with round brackets.</summary>
    public bool IsTuple { get; init; }

    public static ValueList FromJson(ReadOnlyMemory<byte> json) => new(json);

    /// <summary>A list of a large answer, of which only the ends were kept. Looking at what lies between is an error.</summary>
    public static ValueList Ends(int count, Value first, Value last) => new((count, first, last));

    public int Count => _ends?.Count ?? Items.Count;

    public Value this[int index] => _ends switch
    {
        { } ends when index == 0 && ends.Count > 0 => ends.First,
        { } ends when index == ends.Count - 1 && index > 0 => ends.Last,
        _ => Items[index],
    };

    /// <summary>The list's own JSON while nobody has looked into it; empty otherwise.</summary>
    public ReadOnlyMemory<byte> UntouchedJson => _items is null ? _json : default;

    /// <summary>What each item, with its place, becomes. LINQ over values would be compiled anew in each process, even where the program is compiled ahead.</summary>
    public T[] Map<T>(Func<Value, int, T> become)
    {
        var results = new T[Count];
        for (var at = 0; at < results.Length; at++)
            results[at] = become(this[at], at);

        return results;
    }

    public void Add(Value value) => Items.Add(value);

    public void Insert(int index, Value value) => Items.Insert(index, value);

    public void RemoveAt(int index) => Items.RemoveAt(index);

    public void Set(int index, Value value) => Items[index] = value;

    public IEnumerator<Value> GetEnumerator() => Items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<Value> Items => _items ??= Parse();

    private List<Value> Parse()
    {
        if (_ends is not null)
            throw new ExpressionException("It asks for items of a list that is too large to be kept.");

        var items = new List<Value>();
        var reader = new Utf8JsonReader(_json.Span, ValueJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ValueJson.ReadMember(ref reader, _json, out _));

        return items;
    }
}
