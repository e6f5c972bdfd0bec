using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>JSON Pointers, merged into one tree that a scan walks along: which fields are volatile, which make the record key.</summary>
internal sealed class FieldPaths
{
    private const string AnyPart = "*";

    private FieldPaths(Node root, int keyPartCount)
    {
        Root = root;
        KeyPartCount = keyPartCount;
    }

    public Node Root { get; }

    public int KeyPartCount { get; }

    public static FieldPaths Parse(IReadOnlyList<string> primaryKey, IReadOnlyList<string> volatileFields)
    {
        var root = new Node([]);
        for (var i = 0; i < primaryKey.Count; i++)
        {
            var node = root.Add(JsonPointer.PartsOf(primaryKey[i]));
            if (node.KeyPart >= 0) throw new ArgumentException($"The primary key names {primaryKey[i]} twice.");
            node.KeyPart = i;
        }

        foreach (var field in volatileFields) root.Add(JsonPointer.PartsOf(field)).IsVolatile = true;
        return new FieldPaths(root, primaryKey.Count);
    }

    /// <summary>One part of a path.</summary>
    internal sealed class Node(byte[] name)
    {
        private readonly List<Node> _children = [];
        private Node? _any;

        public bool IsVolatile { get; set; }

        public int KeyPart { get; set; } = -1;

        /// <summary>The node of a member: the one of its name before the one of <c>*</c>.</summary>
        public Node? Member(ReadOnlySpan<byte> memberName)
        {
            foreach (var child in _children)
            {
                if (child.Name.AsSpan().SequenceEqual(memberName)) return child;
            }

            return _any;
        }

        /// <summary>The node of an array's elements.</summary>
        public Node? Element() => _any;

        private byte[] Name { get; } = name;

        public Node Add(ReadOnlySpan<string> parts)
        {
            if (parts.IsEmpty) return this;
            return Child(parts[0]).Add(parts[1..]);
        }

        private Node Child(string part)
        {
            if (part == AnyPart) return _any ??= new Node([]);
            var name = Encoding.UTF8.GetBytes(part);
            var child = _children.Find(node => node.Name.AsSpan().SequenceEqual(name));
            if (child is null) _children.Add(child = new Node(name));
            return child;
        }
    }
}
