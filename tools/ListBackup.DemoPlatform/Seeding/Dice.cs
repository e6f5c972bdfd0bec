namespace ListBackup.Demo.Seeding;

/// <summary>SplitMix64: the same bytes on every machine and runtime, which System.Random does not promise.</summary>
internal struct Dice(ulong state)
{
    private ulong _state = state;

    /// <summary>Dice of one record: independent of all others, so that any record can be rendered on its own.</summary>
    public static Dice For(int seed, int kind, long index) => new(Mix(Mix(((ulong)(uint)seed << 32) | (uint)kind) + (ulong)index));

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        return Mix(_state);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public bool Percent(int chance) => Below(100) < chance;

    public T Pick<T>(T[] choices) => choices[Below(choices.Length)];

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
