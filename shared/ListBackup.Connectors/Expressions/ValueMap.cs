using System.Collections;
using System.Text.Json;

namespace ListBackup.Connectors.Expressions;

/// <summary>
/// A map in the order of its keys. One that came from JSON is parsed one level deep when somebody looks into it. Each member keeps its own bytes
/// until it is set, so that what nobody changed is written back byte for byte, numbers and escapes included.
/// </summary>
internal sealed class ValueMap : IEnumerable<KeyValuePair<string, Value>>
{
    /// <summary>So many keys are found faster by looking at each than by hashing.</summary>
    private const int FewMembers = 12;

    private readonly ReadOnlyMemory<byte> _json;
    private readonly bool _isTooLarge;
    private List<Member>? _members;
    private Dictionary<string, int>? _index;

    public ValueMap() => _members = [];

    private ValueMap(ReadOnlyMemory<byte> json, bool isTooLarge = false)
    {
        _json = json;
        _isTooLarge = isTooLarge;
    }

    private ValueMap(List<Member> members) => _members = members;

    /// <summary>The object that the reader stands on, parsed one level deep; the reader then stands at its end.</summary>
    public static ValueMap Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json) => new(ReadMembers(ref reader, json));

    public static ValueMap FromJson(ReadOnlyMemory<byte> json) => new(json);

    /// <summary>Stands for a part of a large answer that was not kept. Looking into it is an error.</summary>
    public static ValueMap TooLarge() => new(default, isTooLarge: true);

    public int Count => Members.Count;

    public IEnumerable<string> Keys
    {
        get
        {
            foreach (var member in Members)
                yield return member.Key;
        }
    }

    public IEnumerable<Value> Values
    {
        get
        {
            foreach (var member in Members)
                yield return member.Value;
        }
    }

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

    /// <summary>Takes over a member of another map under a key of this one, with the bytes that it came in.</summary>
    public void Adopt(string key, Member member)
    {
        var position = Find(key);
        if (position >= 0)
        {
            Members[position] = member with { Key = key };
        }
        else
        {
            _index?.Add(key, Members.Count);
            Members.Add(member with { Key = key });
        }
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
        if (members.Count <= FewMembers)
            return Position(members, key);

        // Filled before it is shown: a map of a manifest is read from many threads.
        _index ??= Index(members);

        return _index.TryGetValue(key, out var position) ? position : -1;
    }

    private List<Member> Parse()
    {
        if (_isTooLarge)
            throw new ExpressionException("It asks for a part of the answer that is too large to be kept.");

        var reader = new Utf8JsonReader(_json.Span, ValueJson.ReaderOptions);
        reader.Read();

        return ReadMembers(ref reader, _json);
    }

    private static List<Member> ReadMembers(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var members = new List<Member>(FewMembers);
        Dictionary<string, int>? seen = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonNames.Of(ref reader);
            reader.Read();
            var member = ReadMember(ref reader, json, key);

            // A key that occurs twice has its last value, as in every JSON library that the platforms use. A few keys are compared faster than hashed.
            if (members.Count == FewMembers)
                seen = Index(members);
            var position = seen is null ? Position(members, key) : seen.GetValueOrDefault(key, -1);
            if (position >= 0)
            {
                members[position] = member;
                continue;
            }

            seen?.Add(key, members.Count);
            members.Add(member);
        }

        return members;
    }

    /// <summary>Most members of a record are never looked at, so a text or a number stays the bytes that it is until then.</summary>
    private static Member ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, string key)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var held = ValueJson.ReadMember(ref reader, json, out var raw);

            return new Member(key, held, raw);
        }

        return new Member(key, default, json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]);
    }

    private static int Position(List<Member> members, string key)
    {
        for (var at = 0; at < members.Count; at++)
        {
            if (members[at].Key == key)
                return at;
        }

        return -1;
    }

    private static Dictionary<string, int> Index(List<Member> members)
    {
        var index = new Dictionary<string, int>(members.Count * 2, StringComparer.Ordinal);
        for (var at = 0; at < members.Count; at++)
            index[members[at].Key] = at;

        return index;
    }

    /// <param name="Held">The value; absent while only its bytes are known.</param>
    /// <param name="Json">The member's bytes; empty once it was set.</param>
    internal readonly record struct Member(string Key, Value Held, ReadOnlyMemory<byte> Json)
    {
        public Value Value => Held.Kind == ValueKind.Absent && !Json.IsEmpty ? ValueJson.Parse(Json) : Held;
    }
}
