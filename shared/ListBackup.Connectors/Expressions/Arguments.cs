namespace ListBackup.Connectors.Expressions;

/// <summary>What a function, filter, test or method is called with, besides its subject.</summary>
internal readonly struct Arguments(Value[] positional, (string Name, Value Value)[] named)
{
    public static readonly Arguments None = new([], []);

    public int Count => positional.Length;

    public IReadOnlyList<Value> Positional => positional;

    public Value Required(int position) =>
        position < positional.Length ? positional[position] : throw new TypeMismatchException("missing argument");

    /// <summary>An argument that may be given by place or by name, or null.</summary>
    public Value? Find(int position, string name) => position < positional.Length ? positional[position] : Named(name);

    public Value Get(int position, string name) => Find(position, name) ?? throw new TypeMismatchException("missing argument");

    public Value? Named(string name)
    {
        foreach (var (key, value) in named)
        {
            if (key == name)
                return value;
        }

        return null;
    }

    public string Text(int position, string name) => Get(position, name) is { IsText: true } value ? value.Text : throw NotText(Get(position, name));

    public string? TextOrNull(int position, string name) => Find(position, name) switch
    {
        null => null,
        { IsNothing: true } => null,
        { IsText: true } value => value.Text,
        var other => throw NotText(other.Value),
    };

    /// <summary>The arguments without the first.</summary>
    public Arguments Rest() => new(positional[1..], named);

    private static Exception NotText(Value value) => value.IsUndefined ? new UndefinedUseException() : new TypeMismatchException("a text is wanted");
}
