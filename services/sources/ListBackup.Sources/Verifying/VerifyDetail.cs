using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>What a verification looks at, and what it found.</summary>
public sealed record VerifyDetail(VerifyLevel Level, long? Seq)
{
    public VerifyReport? Report { get; init; }
}
