using System.Collections;
using System.Text.Json;

namespace ListBackup.Connectors.Expressions;

/// <summary>
/// A map in the order of its keys. One that came from JSON is parsed one level deep when somebody looks into it. Each member keeps its own bytes
/// until it is set, so that what nobody changed is written back byte for byte, numbers and escapes included.
/// </summary>
internal sealed class ValueMap : IEnumerable<KeyValuePair<string, Value>>
{
    private readonly ReadOnlyMemory<byte> _json;
    private List<Member>? _members;
    private Dictionary<string, int>? _index;

    public ValueMap() => _members = [];

    private ValueMap(ReadOnlyMemory<byte> json) => _json = json;

    public static ValueMap FromJson(ReadOnlyMemory<byte> json) => new(json);

    public int Count => Members.Count;

    public IEnumerable<string> Keys => Members.Select(member => member.Key);

    public IEnumerable<Value> Values => Members.Select(member => member.Value);

    /// <summary>The map's own JSON while nobody has looked into it; empty otherwise.</summary>
    public ReadOnlyMemory<byte> UntouchedJson => _members is null ? _json : default;

    internal IReadOnlyList<Member> WrittenMembers => Members;

    /// <summary>The value, or undefined.</summary>
    public Value this[string key]
    {
        get
        {
            var position = Find(key);

            return position < 0 ? Value.Undefined : Members[position].Value;
        }
    }

    public bool Has(string key) => Find(key) >= 0;

    public bool TryGet(string key, out Value value)
    {
        var position = Find(key);
        value = position < 0 ? Value.Undefined : Members[position].Value;

        return position >= 0;
    }

    /// <summary>Sets a key in its place, or at the end when it is new.</summary>
    public ValueMap Set(string key, Value value)
    {
        var position = Find(key);
        if (position >= 0)
        {
            Members[position] = new Member(key, value, default);
        }
        else
        {
            _index?.Add(key, Members.Count);
            Members.Add(new Member(key, value, default));
        }

        return this;
    }

    public bool Remove(string key)
    {
        var position = Find(key);
        if (position < 0)
            return false;

        Members.RemoveAt(position);
        _index = null;

        return true;
    }

    public void Clear()
    {
        Members.Clear();
        _index = null;
    }

    /// <summary>A map that can be changed without changing this one. Nested values are shared until they are reached through <see cref="ValuePaths"/>.</summary>
    public ValueMap Copy()
    {
        if (_members is null)
            return new ValueMap(_json);

        var copy = new ValueMap();
        copy._members!.AddRange(_members);

        return copy;
    }

    public IEnumerator<KeyValuePair<string, Value>> GetEnumerator()
    {
        foreach (var member in Members)
            yield return new KeyValuePair<string, Value>(member.Key, member.Value);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<Member> Members => _members ??= Parse();

    private int Find(string key)
    {
        var members = Members;
        if (members.Count <= 8)
        {
            for (var at = 0; at < members.Count; at++)
            {
                if (members[at].Key == key)
                    return at;
            }

            return -1;
        }

        if (_index is null)
        {
            // Filled before it is shown: a map of a manifest is read from many threads.
            var index = new Dictionary<string, int>(members.Count, StringComparer.Ordinal);
            for (var at = 0; at < members.Count; at++)
                index[members[at].Key] = at;
            _index = index;
        }

        return _index.TryGetValue(key, out var position) ? position : -1;
    }

    private List<Member> Parse()
    {
        var members = new List<Member>();
        Dictionary<string, int>? seen = null;
        var reader = new Utf8JsonReader(_json.Span, ValueJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = ValueJson.Text(ref reader);
            reader.Read();
            var value = ValueJson.ReadMember(ref reader, _json, out var raw);
            var member = new Member(key, value, raw);

            // A key that occurs twice has its last value, as in every JSON library that the platforms use.
            seen ??= new Dictionary<string, int>(StringComparer.Ordinal);
            if (!seen.TryAdd(key, members.Count))
                members[seen[key]] = member;
            else
                members.Add(member);
        }

        _index = members.Count > 8 ? seen : null;

        return members;
    }

    /// <param name="Json">The member's bytes; empty once it was set.</param>
    internal readonly record struct Member(string Key, Value Value, ReadOnlyMemory<byte> Json);
}
