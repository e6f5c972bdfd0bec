namespace ListBackup.Connectors.Paging;

/// <summary>FNV-1a: 64 bits, the same in every process, and quick for the few bytes of a key or a token. Compares what is honest; proves nothing against a forger.</summary>
internal struct Fnv()
{
    public ulong Value { get; private set; } = 14695981039346656037;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = new Fnv();
        hash.Add(bytes);

        return hash.Value;
    }

    /// <summary>Adds one part; where parts begin and end counts, too.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
            Value = (Value ^ one) * 1099511628211;
        Value = (Value ^ 0xFF) * 1099511628211;
    }
}
