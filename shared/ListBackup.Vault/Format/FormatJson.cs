using System.Text.Json.Serialization;
using ListBackup.Vault.Log;
using ListBackup.Vault.Proving;
using ListBackup.Vault.Verifying;

namespace ListBackup.Vault.Format;

/// <summary>The JSON documents of the format. Members that the format does not know are refused: a newer vault is not read half.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FormatFile))]
[JsonSerializable(typeof(VaultKeyFile))]
[JsonSerializable(typeof(StreamKeyFile))]
[JsonSerializable(typeof(GroupKeys))]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(ManifestStub))]
[JsonSerializable(typeof(SegmentFooter))]
[JsonSerializable(typeof(FooterColumns))]
[JsonSerializable(typeof(DraftHeader))]
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(Attachment[]))]
[JsonSerializable(typeof(AttachmentPlan))]
[JsonSerializable(typeof(AttachmentSource))]
[JsonSerializable(typeof(LogBatch))]
[JsonSerializable(typeof(LogEntry))]
[JsonSerializable(typeof(LogHead))]
[JsonSerializable(typeof(ProofDocument))]
[JsonSerializable(typeof(RotationState))]
[JsonSerializable(typeof(SignedReport))]
internal sealed partial class FormatJson : JsonSerializerContext;

/// <summary><c>format.json</c>: what this vault is. Written once.</summary>
internal sealed record FormatFile
{
    public required string Format { get; init; }
    public required int Version { get; init; }
    public required string Vault { get; init; }
    public required string Crypto { get; init; }

    /// <summary>SubjectPublicKeyInfo of the manifest key, base64.</summary>
    public required string SigningKey { get; init; }

    public const string FormatName = "listbackup-vault";
    public const int CurrentVersion = 1;
    public const string CryptoProfile = "aes-256-gcm hkdf-sha256 hmac-sha256 ecdsa-p256-sha256";
}

/// <summary><c>k/=vault/{epoch}.keys</c>: the vault's secret, wrapped. A rotation of the account key writes the next epoch.</summary>
internal sealed record VaultKeyFile
{
    public required string Vault { get; init; }
    public required int Epoch { get; init; }

    /// <summary>Id of the account key that opens it.</summary>
    public required string AccountKey { get; init; }

    /// <summary>Sealed box (purpose <c>vault secret</c>) under the account key, base64: 32 bytes of secret, then PKCS#8 of the manifest key.</summary>
    public required string Sealed { get; init; }

    /// <summary>The 32 bytes of the secret, RSA-OAEP-SHA256 to the recovery key; base64. Null when there is none.</summary>
    public RecoveryWrap? Recovery { get; init; }
}

internal sealed record RecoveryWrap
{
    public required string Algorithm { get; init; }

    /// <summary>SHA-256 of the public key's SubjectPublicKeyInfo, hex.</summary>
    public required string KeySha256 { get; init; }

    public required string Wrapped { get; init; }

    public const string RsaOaep = "RSA-OAEP-256";
}

/// <summary><c>k/{source}/{stream}/{epoch}.keys</c>: every group key of a stream that has not been erased. The newest file is the one that counts.</summary>
internal sealed record StreamKeyFile
{
    public required string Source { get; init; }
    public required string Stream { get; init; }
    public required IReadOnlyList<GroupKeys> Epochs { get; init; }
}

/// <summary>
/// The group keys of one epoch: groups in order, 32 bytes each, in one sealed box (purpose <c>group keys</c>) under the wrapping key. 32 zero
/// bytes stand for a key that erasure has forgotten.
/// </summary>
internal sealed record GroupKeys
{
    public required int Epoch { get; init; }
    public required int Groups { get; init; }

    /// <summary>The groups that have keys of their own here, ascending; the others' are those of <see cref="Inherits"/>. Null: all have.</summary>
    public IReadOnlyList<int>? Only { get; init; }

    /// <summary>The earlier epoch, divided alike, whose keys the other groups go on with.</summary>
    public int? Inherits { get; init; }

    public required string Sealed { get; init; }
}
