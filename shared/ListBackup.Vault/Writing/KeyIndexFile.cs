using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// A key index under x/: magic, a random id, counts, then boxes of 8,192 records each, so that neither who writes it nor who reads it holds it twice. A box:
/// the pairs as the state root hashes them, the length of each key, the keys.
/// </summary>
/// <remarks>A box is sealed for its place in this very file: the purpose holds the id, the counts and the box's number.</remarks>
internal static class KeyIndexFile
{
    private const int RecordsPerBox = 8_192;
    private const int IdByteCount = 16;
    private const int LengthByteCount = 4;
    private const int KeyLengthByteCount = 2;
    private static readonly int s_headByteCount = Magic.Length + IdByteCount + 8;

    private static ReadOnlySpan<byte> Magic => "LBKEYS3\n"u8;

    /// <summary>Bytes of an index's file.</summary>
    public static long SizeOf(NextIndex index) =>
        s_headByteCount + (BoxesOf(index.Count) * (long)(LengthByteCount + Sealed.OverheadByteCount)) + (index.Count * (long)(StateRoot.PairByteCount + KeyLengthByteCount)) + index.KeyByteCount;

    /// <summary>The file, box by box; each is good until the next is asked for.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> WriteAsync(NextIndex index, byte[] key, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var head = new byte[s_headByteCount];
        Magic.CopyTo(head);
        RandomNumberGenerator.Fill(head.AsSpan(Magic.Length, IdByteCount));
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(Magic.Length + IdByteCount), index.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(Magic.Length + IdByteCount + 4), index.KeyByteCount);
        yield return head;
        var (records, box, keys) = (index.Records(), new BlockBuffer(), new BlockBuffer());
        for (var number = 0; number < BoxesOf(index.Count); number++)
        {
            cancellation.ThrowIfCancellationRequested();
            FillBox(box, keys, records, Math.Min(RecordsPerBox, index.Count - (number * RecordsPerBox)), key, PurposeOf(head, number));
            yield return box.WrittenMemory;
        }

        await Task.CompletedTask; // It is asked for as other streams' chunks are.
    }

    /// <summary>Reads a file to its end. Null when it is none of this format.</summary>
    /// <exception cref="CryptographicException">Another key, or damage.</exception>
    /// <exception cref="EndOfStreamException">It ends too early.</exception>
    public static async Task<KeyIndex?> ReadAsync(Stream file, byte[] key, CancellationToken cancellation)
    {
        var head = new byte[s_headByteCount];
        if (await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation) < head.Length || !head.AsSpan().StartsWith(Magic)) return null;
        var (count, keyBytes) = (BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(Magic.Length + IdByteCount)), BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(Magic.Length + IdByteCount + 4)));
        if (count <= 0 || keyBytes < 0) return null;
        // Made when the first box has opened: until then the counts are anybody's.
        KeyIndex.Builder? index = null;
        var (box, length) = (Array.Empty<byte>(), new byte[LengthByteCount]);
        for (var number = 0; number < BoxesOf(count); number++)
        {
            await file.ReadExactlyAsync(length, cancellation);
            var boxLength = BinaryPrimitives.ReadInt32LittleEndian(length);
            var records = Math.Min(RecordsPerBox, count - (number * RecordsPerBox));
            var fixedLength = records * (StateRoot.PairByteCount + KeyLengthByteCount);
            if (boxLength < fixedLength + Sealed.OverheadByteCount || boxLength > fixedLength + Sealed.OverheadByteCount + (records * (long)RecordLimits.KeyBytesMax))
                throw new CryptographicException("A box has an impossible length.");
            if (box.Length < boxLength) box = GC.AllocateUninitializedArray<byte>(boxLength);
            await file.ReadExactlyAsync(box.AsMemory(0, boxLength), cancellation);
            var plain = Sealed.Open(key, PurposeOf(head, number), box.AsMemory(0, boxLength));
            TakeBox(plain.Span, records, index ??= new KeyIndex.Builder(count, keyBytes));
        }

        return index!.Build(); // There is at least one box.
    }

    private static int BoxesOf(int count) => (count + RecordsPerBox - 1) / RecordsPerBox;

    private static void FillBox(BlockBuffer box, BlockBuffer keys, NextIndex.Cursor records, int count, byte[] key, string purpose)
    {
        box.Clear();
        keys.Clear();
        var fixedLength = count * (StateRoot.PairByteCount + KeyLengthByteCount);
        var start = LengthByteCount + Sealed.SaltByteCount;
        var fixedPart = box.Reserve(start + fixedLength)[..(start + fixedLength)];
        for (var i = 0; i < count; i++)
        {
            records.MoveNext();
            records.WritePair(fixedPart[(start + (i * StateRoot.PairByteCount))..]);
            BinaryPrimitives.WriteUInt16LittleEndian(fixedPart[(start + (count * StateRoot.PairByteCount) + (i * KeyLengthByteCount))..], (ushort)records.Key.Length);
            keys.Append(records.Key);
        }

        BinaryPrimitives.WriteInt32LittleEndian(fixedPart, fixedLength + keys.Length + Sealed.OverheadByteCount);
        box.Advance(fixedPart.Length);
        box.Append(keys.Written);
        box.Reserve(Gcm.TagByteCount);
        box.Advance(Gcm.TagByteCount);
        Sealed.Close(key, purpose, box.Rewrite[LengthByteCount..]);
    }

    private static void TakeBox(ReadOnlySpan<byte> plain, int records, KeyIndex.Builder index)
    {
        var lengths = plain[(records * StateRoot.PairByteCount)..];
        var keys = lengths[(records * KeyLengthByteCount)..];
        for (var i = 0; i < records; i++)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(lengths[(i * KeyLengthByteCount)..]);
            if (length > keys.Length) throw new CryptographicException("The keys of a box end too early.");
            index.Add(plain.Slice(i * StateRoot.PairByteCount, StateRoot.PairByteCount), keys[..length]);
            keys = keys[length..];
        }

        if (!keys.IsEmpty) throw new CryptographicException("A box goes on behind its keys.");
    }

    private static string PurposeOf(ReadOnlySpan<byte> head, int number) => $"key index {Convert.ToHexStringLower(head[Magic.Length..])} {number}";
}
