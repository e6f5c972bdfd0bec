namespace ListBackup.Benchmarks.Vault;

/// <summary>SplitMix64: the same numbers from the same seed, whatever the version of .NET.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>0 to 1, without 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 to the limit, without it.</summary>
    public long Below(long limit) => (long)(Next() % (ulong)limit);

    public long Between(long low, long high) => low + Below(high - low);

    public bool Chance(double share) => Share() < share;

    public T Pick<T>(IReadOnlyList<T> from) => from[(int)Below(from.Count)];

    /// <summary>An element, the first ones more often the greater the skew.</summary>
    public T PickSkewed<T>(IReadOnlyList<T> from, double skew) => from[(int)(from.Count * Math.Pow(Share(), skew))];
}
