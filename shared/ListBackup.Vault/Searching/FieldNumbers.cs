using System.Text;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Searching;

/// <summary>The fields of a stream's records as small numbers. Numbers are never given anew, so that the layers of an index share them; 0 stands for all fields beyond the limit.</summary>
internal sealed class FieldNumbers
{
    public const int Max = 4_000;

    private readonly List<string> _paths = [];
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly Node _root;

    public FieldNumbers(IReadOnlyList<string> paths)
    {
        foreach (var path in paths) NumberOf(path);
        _root = new Node(this, "");
    }

    /// <summary>By number, from 1.</summary>
    public IReadOnlyList<string> Paths => _paths;

    public Node Root => _root;

    private int NumberOf(string path)
    {
        if (_known.TryGetValue(path, out var number)) return number;
        if (_paths.Count == Max) return 0;
        _paths.Add(path);
        return _known[path] = _paths.Count;
    }

    /// <summary>One path; found by the bytes of member names while a record is read.</summary>
    internal sealed class Node
    {
        private readonly FieldNumbers _fields;
        private readonly string _path;
        private readonly Dictionary<byte[], Node> _members = new(ByteArrayComparer.Instance);
        private Node? _element;

        public Node(FieldNumbers fields, string path)
        {
            (_fields, _path) = (fields, path);
            Number = path.Length == 0 ? 0 : fields.NumberOf(path);
        }

        /// <summary>0: beyond the limit.</summary>
        public int Number { get; }

        public Node Member(ReadOnlySpan<byte> rawName, string? name = null)
        {
            var members = _members.GetAlternateLookup<ReadOnlySpan<byte>>();
            if (members.TryGetValue(rawName, out var member)) return member;
            // Beyond the limit names are not remembered either.
            if (_fields._paths.Count == Max && !_fields._known.ContainsKey(PathOf(rawName, name))) return new Node(_fields, PathOf(rawName, name));
            return _members[rawName.ToArray()] = new Node(_fields, PathOf(rawName, name));
        }

        public Node Element() => _element ??= new Node(_fields, $"{_path}/*");

        private string PathOf(ReadOnlySpan<byte> rawName, string? name) => $"{_path}/{JsonPointer.Escape(name ?? Encoding.UTF8.GetString(rawName))}";
    }
}
