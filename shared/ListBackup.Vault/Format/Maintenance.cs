using System.Text.Json;

namespace ListBackup.Vault.Format;

/// <summary>What a commit did that is no backup (vault-format.md, "Maintenance"). Each kind has members of its own; the others are absent.</summary>
internal sealed record Maintenance
{
    public required MaintenanceKind Kind { get; init; }

    /// <summary>Retention: the snapshots that expire with this commit.</summary>
    public IReadOnlyList<SeqRange>? Expired { get; init; }

    /// <summary>Garbage plan: objects that nothing refers to; no later commit may.</summary>
    public IReadOnlyList<string>? Objects { get; init; }

    /// <summary>Garbage done: the plan it carried out.</summary>
    public long? Plan { get; init; }

    /// <summary>Garbage done: objects of the plan that the store would not let go; a later plan names them again.</summary>
    public IReadOnlyList<string>? Kept { get; init; }

    /// <summary>Erasure: id of the request.</summary>
    public string? Request { get; init; }

    /// <summary>Erasure: the key hashes by stream, hex. The roots differ from the parent's by exactly those that were live.</summary>
    public SortedDictionary<string, IReadOnlyList<string>>? Keys { get; init; }

    /// <summary>Erasure: what was done to each stream.</summary>
    public IReadOnlyList<ErasedStream>? Erased { get; init; }
}

/// <summary>Neighbouring snapshots, the ends included.</summary>
internal sealed record SeqRange(long From, long To)
{
    public bool Contains(long seq) => seq >= From && seq <= To;
}

/// <summary>A manifest that has shrunk: enough for the chain, nothing of the snapshot.</summary>
internal sealed record ManifestStub
{
    public required string Vault { get; init; }
    public required string Source { get; init; }
    public required long Seq { get; init; }
    public string? Parent { get; init; }
    public required StubFacts Stub { get; init; }

    /// <summary>Whether a manifest's body is what is left of one. A larger one is none; what is no JSON is for the reader of manifests to refuse.</summary>
    public static bool IsStub(ReadOnlySpan<byte> body)
    {
        if (body.Length > BytesMax) return false;
        try
        {
            using var document = JsonDocument.Parse(body.ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("stub", out _);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter is what a lone surrogate in a name makes of the look-up.
            return false;
        }
    }

    private const int BytesMax = 4_096;
}

/// <summary>What is left of an expired snapshot.</summary>
internal sealed record StubFacts
{
    /// <summary>SHA-256 of the body it had, hex: what the next manifest names as its parent.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The retention commit that let it go.</summary>
    public required long ExpiredBy { get; init; }

    public required string Run { get; init; }
    public required DateTimeOffset Time { get; init; }
}
