namespace ListBackup.Connectors;

/// <summary>How many reads of one connection the manifest's <c>concurrency_level</c> lets run at the same time.</summary>
/// <param name="Default">What it asks for with this configuration; at least 1.</param>
/// <param name="Max">What it allows at most; at least <paramref name="Default"/>.</param>
public sealed record ConcurrencyLimits(int Default, int Max);
