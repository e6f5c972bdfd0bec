using ListBackup.Vault.Format;
using ZstdSharp;

namespace ListBackup.Vault.Writing;

/// <summary>Makes dictionaries out of what many records share, and weighs by trial whether one pays.</summary>
internal sealed class DictionaryTrainer(int compressionLevel, int blockBytes)
{
    /// <summary>So many records must hold each string that enters a dictionary (design: k-anonymity), whatever is saved with fewer.</summary>
    public const int RecordsMin = 50;

    /// <summary>Lines that strings are looked for in; more find more strings and take longer.</summary>
    public const int LinesMax = 6_000;

    /// <summary>Stands before each string: no JSON text holds this byte, so two strings side by side never make a third one.</summary>
    public const byte Separator = 0;

    private const int ContentBytesMax = 48 * 1024;
    private const int TrialBytesMax = 512 * 1024;

    /// <summary>The content of a dictionary of these lines, the most useful strings last, where zstd finds them at the least cost. Empty when they share too little.</summary>
    public static byte[] Train(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        var content = new List<byte>();
        foreach (var text in SharedStrings.Find(lines, RecordsMin, ContentBytesMax).Reverse())
        {
            content.Add(Separator);
            content.AddRange(text);
        }

        return [.. content];
    }

    /// <summary>Bytes of blocks of these lines, cut as large as the stream's blocks are going to be.</summary>
    public long TrialBytes(IReadOnlyList<ReadOnlyMemory<byte>> lines, byte[]? dictionary)
    {
        using var compressor = new Compressor(compressionLevel);
        if (dictionary is not null) compressor.LoadDictionary(dictionary);
        var (block, sum, tried) = (new BlockBuffer(), 0L, 0L);
        foreach (var line in lines)
        {
            block.Append(line.Span);
            if (block.Length < blockBytes) continue;
            sum += compressor.Wrap(block.Written).Length;
            tried += block.Length;
            block.Clear();
            if (tried >= TrialBytesMax) return sum;
        }

        return block.Length > 0 ? sum + compressor.Wrap(block.Written).Length : sum;
    }
}
