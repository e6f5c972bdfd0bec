using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>JSON types as the observed schema tells them apart.</summary>
[Flags]
internal enum SchemaTypes
{
    None = 0,
    Array = 1,
    Boolean = 2,
    Integer = 4,
    Null = 8,
    Number = 16,
    Object = 32,
    String = 64,
}

/// <summary>Collects which fields and types a stream's records have, while they are scanned.</summary>
internal sealed class SchemaTree
{
    /// <summary>Distinct fields kept. Platforms that use ids as member names would fill any list.</summary>
    public const int FieldsMax = 2_000;

    private int _fieldCount;

    public SchemaTree() => Root = new Node(this, []);

    public Node Root { get; }

    public bool IsTruncated { get; private set; }

    public long Records => Root.Count;

    /// <summary>What was seen, without the root and with the given first snapshot.</summary>
    public ObservedSchema ToSchema(long firstSeq)
    {
        var fields = new List<ObservedField>();
        Root.Collect("", firstSeq, fields);
        fields.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        return new ObservedSchema(Records, fields, IsTruncated);
    }

    internal sealed class Node(SchemaTree tree, byte[] name)
    {
        private const int DictionaryFrom = 16;

        private readonly List<Node> _members = [];
        private Dictionary<byte[], Node>? _byName;
        private Node? _element;
        private int _next;
        private SchemaTypes _types;

        public long Count { get; private set; }

        public void See(SchemaTypes type)
        {
            _types |= type;
            Count++;
            _next = 0;
        }

        /// <summary>The node of a member; null when there are too many fields. Members tend to come in one order, so the one behind the last is tried first.</summary>
        public Node? Member(ReadOnlySpan<byte> memberName)
        {
            if (_next < _members.Count && _members[_next].Name.AsSpan().SequenceEqual(memberName)) return _members[_next++];
            var index = Find(memberName);
            if (index < 0 && (index = Add(memberName)) < 0) return null;
            _next = index + 1;
            return _members[index];
        }

        /// <summary>The node of an array's elements; null when there are too many fields.</summary>
        public Node? Element() => _element ??= tree.TryCount() ? new Node(tree, []) : null;

        public void Collect(string path, long firstSeq, List<ObservedField> fields)
        {
            if (path.Length > 0) fields.Add(new ObservedField(path, TypeNames(_types), Count, firstSeq));
            foreach (var member in _members) member.Collect($"{path}/{JsonPointer.Escape(Encoding.UTF8.GetString(member.Name))}", firstSeq, fields);
            _element?.Collect($"{path}/*", firstSeq, fields);
        }

        private byte[] Name { get; } = name;

        private int Index { get; set; }

        private int Find(ReadOnlySpan<byte> memberName)
        {
            if (_byName is not null)
                return _byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(memberName, out var found) ? found.Index : -1;
            for (var i = 0; i < _members.Count; i++)
            {
                if (_members[i].Name.AsSpan().SequenceEqual(memberName)) return i;
            }

            return -1;
        }

        private int Add(ReadOnlySpan<byte> memberName)
        {
            if (!tree.TryCount()) return -1;
            var node = new Node(tree, memberName.ToArray()) { Index = _members.Count };
            _members.Add(node);
            if (_byName is not null) _byName.Add(node.Name, node);
            else if (_members.Count == DictionaryFrom) _byName = _members.ToDictionary(member => member.Name, ByteArrayComparer.Instance);
            return node.Index;
        }
    }

    private bool TryCount()
    {
        if (_fieldCount == FieldsMax)
        {
            IsTruncated = true;
            return false;
        }

        _fieldCount++;
        return true;
    }

    private static string[] TypeNames(SchemaTypes types) =>
        [.. Enum.GetValues<SchemaTypes>().Where(type => type != SchemaTypes.None && types.HasFlag(type)).Select(type => type.ToString().ToLowerInvariant())];
}
