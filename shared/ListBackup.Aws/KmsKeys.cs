using System.Security.Cryptography;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using ListBackup.Domain;

namespace ListBackup.Aws;

/// <summary>The root of keys in KMS. The context is KMS's encryption context: bound to the ciphertext, and shown in CloudTrail for every use.</summary>
public sealed class KmsKeys(IAmazonKeyManagementService kms, AwsSettings settings) : IKeys
{
    public async Task<WrappedKey> GenerateAsync(KeyContext context, CancellationToken cancellation)
    {
        var answer = await kms.GenerateDataKeyAsync(
            new() { KeyId = settings.KmsKey, KeySpec = DataKeySpec.AES_256, EncryptionContext = Bound(context) }, cancellation);
        return new(answer.Plaintext.ToArray(), answer.CiphertextBlob.ToArray());
    }

    public async Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, KeyContext context, CancellationToken cancellation)
    {
        try
        {
            // The key is named, so that bytes wrapped by anybody else's key are refused and not decrypted for them.
            var answer = await kms.DecryptAsync(
                new() { KeyId = settings.KmsKey, CiphertextBlob = new(wrapped.ToArray()), EncryptionContext = Bound(context) }, cancellation);
            return answer.Plaintext.ToArray();
        }
        catch (Exception exception) when (exception is InvalidCiphertextException or IncorrectKeyException)
        {
            throw new CryptographicException($"KMS did not unwrap a key for {context.Purpose} of {context.Owner}: another root, another context, or damaged bytes.", exception);
        }
    }

    public async Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, KeyContext context, CancellationToken cancellation)
    {
        var answer = await kms.EncryptAsync(new() { KeyId = settings.KmsKey, Plaintext = new(key.ToArray()), EncryptionContext = Bound(context) }, cancellation);
        return answer.CiphertextBlob.ToArray();
    }

    private static Dictionary<string, string> Bound(KeyContext context) => new() { ["purpose"] = context.Purpose, ["owner"] = context.Owner };
}
