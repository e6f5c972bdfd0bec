using System.Text;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Erasing;

/// <summary>A version on its way from one section to another.</summary>
/// <param name="KeyHash">Hash of its key.</param>
/// <param name="Key">UTF-8 of its key, or of what stands for the key of an erased record.</param>
/// <param name="Seq">The snapshot that brought it.</param>
/// <param name="Line">The line as it will be stored, line feed included.</param>
internal sealed record StoredRow(Hash128 KeyHash, byte[] Key, long Seq, ReadOnlyMemory<byte> Line)
{
    public static StoredRow Of(RecordLine line, Hash128 keyHash, long seq, bool saysSeq)
    {
        var copy = new BlockBuffer((line.Json?.Length ?? 0) + 128);
        line.WriteAgain(copy, saysSeq ? seq : null);
        return new StoredRow(keyHash, Encoding.UTF8.GetBytes(line.Key), seq, copy.WrittenMemory);
    }

    public static StoredRow Erased(Hash128 keyHash, long seq, RecordOperation operation, RedactedHashes? hashes)
    {
        var line = new BlockBuffer(capacity: 128);
        RecordLine.WriteErased(line, keyHash, seq, operation, hashes);
        return new StoredRow(keyHash, Encoding.UTF8.GetBytes(RecordLine.ErasedKey(keyHash)), seq, line.WrittenMemory);
    }

    /// <summary>The order of lines in a block.</summary>
    public static int CompareInBlock(StoredRow left, StoredRow right)
    {
        var byKey = left.Key.AsSpan().SequenceCompareTo(right.Key);
        return byKey != 0 ? byKey : left.Seq.CompareTo(right.Seq);
    }
}
