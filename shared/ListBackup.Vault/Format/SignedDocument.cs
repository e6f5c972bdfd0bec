using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>
/// A JSON document and its signature: line 1 is canonical JSON, line 2 is <c>{"signature":"base64 of DER"}</c>, ECDSA P-256 over SHA-256 of
/// line 1 without its line feed (vault-format.md, "Signed documents"). <c>openssl dgst -verify</c> checks it.
/// </summary>
internal static class SignedDocument
{
    public static byte[] Write(ReadOnlySpan<byte> canonicalBody, ECDsa key)
    {
        byte[] signature;
        // Instances are not promised to be safe for several threads.
        lock (key) signature = key.SignData(canonicalBody, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return [.. canonicalBody, (byte)'\n', .. SignatureLine(signature)];
    }

    /// <summary>The body, checked.</summary>
    /// <exception cref="VaultDamagedException">The form is another, or the signature does not fit.</exception>
    public static byte[] Read(ReadOnlySpan<byte> document, ECDsa key, string objectName)
    {
        var length = document.IndexOf((byte)'\n');
        if (length < 0) throw new VaultDamagedException(objectName, 0, "It has no signature line.");
        var body = document[..length];
        var line = document[(length + 1)..];
        if (!TryReadSignature(line, out var signature))
            throw new VaultDamagedException(objectName, length + 1, "The signature line is malformed.");
        bool isRight;
        lock (key) isRight = key.VerifyData(body, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        if (!isRight) throw new VaultDamagedException(objectName, 0, "The signature does not fit the content.");
        return body.ToArray();
    }

    private static byte[] SignatureLine(byte[] signature) => Encoding.ASCII.GetBytes($"{{\"signature\":\"{Convert.ToBase64String(signature)}\"}}\n");

    /// <summary>Reads the one spelling that <see cref="SignatureLine"/> writes, so that no byte of it can change unnoticed.</summary>
    private static bool TryReadSignature(ReadOnlySpan<byte> line, out byte[] signature)
    {
        signature = [];
        var prefix = "{\"signature\":\""u8;
        var suffix = "\"}\n"u8;
        if (!line.StartsWith(prefix) || !line.EndsWith(suffix) || line.Length < prefix.Length + suffix.Length) return false;
        var text = Encoding.ASCII.GetString(line[prefix.Length..^suffix.Length]);
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length)) return false;
        signature = bytes[..length];
        return line.SequenceEqual(SignatureLine(signature));
    }
}
