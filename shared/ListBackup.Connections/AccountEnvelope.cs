using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>
/// Seals small secrets under a key of their account, on top of whatever encrypts the store below. When the account's keys are shredded, so are they.
/// Text form: <c>e1.KEYID.BASE64URL(nonce ‖ ciphertext ‖ tag)</c>, AES-256-GCM, the purpose as associated data.
/// </summary>
public sealed class AccountEnvelope(AccountKeyrings keyrings)
{
    private const string Version = "e1";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    // The account's key wraps other keys elsewhere. A key of its own for this use keeps the two apart.
    private static readonly byte[] Use = "listbackup connection secrets v1"u8.ToArray();

    public async Task<string> SealAsync(AccountId account, string purpose, string text, CancellationToken cancellation)
    {
        var keyring = await keyrings.GetOrCreateAsync(account, cancellation);
        using var aes = await OpenAsync(account, keyring.Current, cancellation);
        var plain = Encoding.UTF8.GetBytes(text);
        var whole = new byte[NonceBytes + plain.Length + TagBytes];
        // Random nonces: one account seals a token an hour per connection, far below the 2^32 messages at which 96 random bits become unsafe.
        RandomNumberGenerator.Fill(whole.AsSpan(0, NonceBytes));
        aes.Encrypt(whole.AsSpan(0, NonceBytes), plain, whole.AsSpan(NonceBytes, plain.Length), whole.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(purpose));
        CryptographicOperations.ZeroMemory(plain);
        return $"{Version}.{keyring.Current}.{Base64Url.EncodeToString(whole)}";
    }

    /// <exception cref="CryptographicException">The text is damaged, was sealed for another purpose or account, or its key was shredded.</exception>
    public async Task<string> OpenAsync(AccountId account, string purpose, string sealedText, CancellationToken cancellation)
    {
        if (sealedText.Split('.') is not [Version, var keyId, var text]) throw new CryptographicException("A sealed secret does not have the form that it was written in.");
        var whole = Base64Url.DecodeFromChars(text);
        if (whole.Length < NonceBytes + TagBytes) throw new CryptographicException("A sealed secret is too short.");
        using var aes = await OpenAsync(account, keyId, cancellation);
        var plain = new byte[whole.Length - NonceBytes - TagBytes];
        aes.Decrypt(whole.AsSpan(0, NonceBytes), whole.AsSpan(NonceBytes, plain.Length), whole.AsSpan(NonceBytes + plain.Length), plain, Encoding.UTF8.GetBytes(purpose));
        var opened = Encoding.UTF8.GetString(plain);
        CryptographicOperations.ZeroMemory(plain);
        return opened;
    }

    private async Task<AesGcm> OpenAsync(AccountId account, string keyId, CancellationToken cancellation)
    {
        var accountKey = await keyrings.UnwrapAsync(account, keyId, cancellation)
            ?? throw new CryptographicException($"Account {account} has no key {keyId}; what it sealed cannot be opened any more.");
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, accountKey, 32, salt: null, Use);
        CryptographicOperations.ZeroMemory(accountKey);
        var aes = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }
}
