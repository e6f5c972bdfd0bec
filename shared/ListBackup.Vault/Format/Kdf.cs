using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>HKDF-SHA256 (RFC 5869) with the labels of vault-format.md, "Key derivation".</summary>
internal static class Kdf
{
    public const int KeyByteCount = 32;

    /// <summary>A key for one purpose. The label is <c>listbackup/1 {purpose}</c>, then each context part behind a zero byte.</summary>
    public static byte[] Derive(ReadOnlySpan<byte> key, string purpose, params ReadOnlySpan<string> context) =>
        DeriveSalted(key, [], purpose, context);

    /// <summary>As the other, with a salt that makes the key a fresh one.</summary>
    public static byte[] DeriveSalted(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, string purpose, params ReadOnlySpan<string> context)
    {
        var output = new byte[KeyByteCount];
        var label = context.IsEmpty ? purpose : $"{purpose}\0{string.Join('\0', context)}";
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, output, salt, Encoding.UTF8.GetBytes($"listbackup/1 {label}"));
        return output;
    }
}
