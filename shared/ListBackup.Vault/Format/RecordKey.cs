using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>Record keys (vault-format.md, "Record keys").</summary>
internal static class RecordKey
{
    /// <summary>The key of several parts: the canonical JSON array of their texts.</summary>
    public static byte[] Join(ReadOnlySpan<byte[]> parts)
    {
        var output = new BlockBuffer(capacity: 256);
        output.Append("["u8);
        foreach (var part in parts)
        {
            if (output.Length > 1) output.Append(","u8);
            output.AppendString(part);
        }

        output.Append("]"u8);
        return output.Written.ToArray();
    }

    /// <summary>The key of these parts, as text.</summary>
    public static string Of(ReadOnlySpan<string> parts)
    {
        if (parts.Length == 1) return parts[0];
        var bytes = new byte[parts.Length][];
        for (var i = 0; i < parts.Length; i++) bytes[i] = Encoding.UTF8.GetBytes(parts[i]);
        return Encoding.UTF8.GetString(Join(bytes));
    }
}
