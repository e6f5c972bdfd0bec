using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ListBackup.Vault.Format;

/// <summary>The vault's own documents in canonical JSON (vault-format.md, "Canonical JSON").</summary>
internal static class CanonicalJson
{
    private static readonly FieldPaths s_noPaths = FieldPaths.Parse([], []);

    /// <summary>The canonical form of a stored record.</summary>
    public static byte[] Of(ReadOnlySpan<byte> record)
    {
        var scanner = new RecordScanner(s_noPaths, []);
        return scanner.Scan(record, schema: null) == RecordProblem.None
            ? scanner.Canonical.ToArray()
            : throw new VaultException("A stored record is no JSON object.");
    }

    public static byte[] Write<T>(T value, JsonTypeInfo<T> type)
    {
        var scanner = new RecordScanner(s_noPaths, []);
        if (scanner.Scan(JsonSerializer.SerializeToUtf8Bytes(value, type), schema: null) != RecordProblem.None)
            throw new System.Diagnostics.UnreachableException("A serialised document is a JSON object.");
        return scanner.Canonical.ToArray();
    }

    /// <summary>Reads a document that must be in canonical form.</summary>
    /// <exception cref="VaultDamagedException">It is not, or lacks what it must have.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string objectName)
    {
        var scanner = new RecordScanner(s_noPaths, []);
        if (scanner.Scan(json, schema: null) != RecordProblem.None || !scanner.Canonical.SequenceEqual(json))
            throw new VaultDamagedException(objectName, 0, "It is not canonical JSON.");
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new VaultDamagedException(objectName, 0, "It is empty.");
        }
        catch (JsonException exception)
        {
            throw new VaultDamagedException(objectName, exception.BytePositionInLine ?? 0, "It is not what the format describes.", exception);
        }
    }
}
