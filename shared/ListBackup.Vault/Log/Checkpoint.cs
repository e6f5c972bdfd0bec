using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Vault.Log;

/// <summary>
/// A C2SP checkpoint (c2sp.org/tlog-checkpoint) as a signed note (c2sp.org/signed-note): the size and root of the log's tree, signed with the
/// vault's key. Signature type 0x02: ECDSA P-256 with SHA-256 in DER, whose key id is the first four bytes of SHA-256 of the SubjectPublicKeyInfo.
/// </summary>
internal sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    private const int KeyIdByteCount = 4;

    /// <summary>The log's name, which is also the name of its key.</summary>
    public static string OriginOf(string vault) => $"listbackup/vault/{vault}";

    /// <summary>The signed note.</summary>
    public byte[] Write(ECDsa key)
    {
        var text = TextBytes();
        byte[] signature;
        lock (key) signature = key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return [.. text, .. SignatureLine(key, signature)];
    }

    /// <summary>A note of this vault's log that its key has signed, in exactly this program's spelling.</summary>
    /// <exception cref="VaultDamagedException">It is another, or damaged.</exception>
    public static Checkpoint Read(ReadOnlySpan<byte> note, string vault, ECDsa key, string objectName)
    {
        var lines = Encoding.UTF8.GetString(note).Split('\n');
        if (lines is not [var origin, var size, var root, "", var line, ""] || origin != OriginOf(vault)
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            throw new VaultDamagedException(objectName, 0, "It is no checkpoint of this vault's log.");
        var checkpoint = new Checkpoint(origin, count, FromBase64(root));
        var signature = FromBase64(line.Split(' ')[^1]);
        if (signature.Length <= KeyIdByteCount) throw new VaultDamagedException(objectName, 0, "The checkpoint's signature is malformed.");
        var text = checkpoint.TextBytes();
        bool isRight;
        lock (key) isRight = key.VerifyData(text, signature.AsSpan(KeyIdByteCount), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        // Written again it must be the same bytes, so that none can change unnoticed.
        return isRight && checkpoint.Root.Length == LogTree.HashByteCount && note.SequenceEqual([.. text, .. checkpoint.SignatureLine(key, signature.AsSpan(KeyIdByteCount).ToArray())])
            ? checkpoint
            : throw new VaultDamagedException(objectName, 0, "The checkpoint's signature does not fit.");
    }

    private byte[] TextBytes() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n"));

    private byte[] SignatureLine(ECDsa key, ReadOnlySpan<byte> signature)
    {
        byte[] keyId;
        lock (key) keyId = SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..KeyIdByteCount];
        return Encoding.UTF8.GetBytes($"\n— {Origin} {Convert.ToBase64String([.. keyId, .. signature])}\n");
    }

    private static byte[] FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : [];
    }
}
