using ListBackup.Domain;

namespace ListBackup.Accounts;

public sealed record RecoveryKeyRequest(string PublicKeyPem);

/// <summary>Versions of the account's key. The keys themselves never leave the server.</summary>
public sealed record KeysAnswer(string Current, IReadOnlyList<KeyAnswer> Keys, RecoveryKeyAnswer? Recovery)
{
    public static KeysAnswer Of(AccountKeyring keyring) => new(
        keyring.Current,
        [.. keyring.Keys.Select(k => new KeyAnswer(k.Id, k.CreatedAt))],
        keyring.Recovery is { } recovery ? new(recovery.Sha256, recovery.Since) : null);
}

public sealed record KeyAnswer(string Id, DateTimeOffset CreatedAt);

/// <param name="Sha256">Of the SubjectPublicKeyInfo, lower-case hex: <c>openssl pkey -pubin -outform der | sha256sum</c>.</param>
/// <param name="Since">When it was set.</param>
public sealed record RecoveryKeyAnswer(string Sha256, DateTimeOffset Since);
