namespace ListBackup.Vault.Proving;

/// <summary><c>proof.json</c> of a proof bundle, signed: what is proven and the numbers and hashes that the check needs (vault-format.md, "Proof bundles").</summary>
internal sealed record ProofDocument
{
    public required string Vault { get; init; }
    public required string Source { get; init; }
    public required string Stream { get; init; }
    public required long Seq { get; init; }
    public required DateTimeOffset Time { get; init; }

    /// <summary>Hex; what the record hashes of this stream begin with. A secret until now.</summary>
    public required string Salt { get; init; }

    public required string RecordHash { get; init; }
    public required long Live { get; init; }

    /// <summary>Position of the record's pair in <c>leaf.bin</c>.</summary>
    public required int Pair { get; init; }

    /// <summary>The leaf's number in the state's tree.</summary>
    public required int Leaf { get; init; }

    /// <summary>Hex, from the bottom up.</summary>
    public required IReadOnlyList<string> Path { get; init; }

    public required long LogIndex { get; init; }
    public required long LogSize { get; init; }

    /// <summary>Hex, from the bottom up.</summary>
    public required IReadOnlyList<string> LogPath { get; init; }

    /// <summary>SHA-256 of the bundle's other files, hex.</summary>
    public required SortedDictionary<string, string> Files { get; init; }
}
