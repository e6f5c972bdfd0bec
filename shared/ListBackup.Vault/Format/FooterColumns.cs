using System.Security.Cryptography;
using System.Text.Json.Serialization;
using ZstdSharp;

namespace ListBackup.Vault.Format;

/// <summary>
/// Neighbours in a segment, by columns (vault-format.md, "Footers"): the pages of a section in its footer, and the blocks of a page in that page. Columns, since what is alike
/// compresses best side by side, and hashes not at all.
/// </summary>
/// <param name="Groups">Of each its first group; ascending.</param>
/// <param name="Hashes">Of each the first 16 bytes of SHA-256, hex, one behind the other.</param>
/// <param name="Lengths">In bytes.</param>
/// <param name="Offset">Where the first one begins in the segment; each other begins where the one before it ends.</param>
/// <param name="Rows">Of blocks; absent of pages.</param>
internal sealed record FooterColumns(
    [property: JsonPropertyName("g")] IReadOnlyList<int> Groups,
    [property: JsonPropertyName("h")] string Hashes,
    [property: JsonPropertyName("l")] IReadOnlyList<int> Lengths,
    [property: JsonPropertyName("o")] long Offset,
    [property: JsonPropertyName("r")] IReadOnlyList<int>? Rows = null)
{
    /// <summary>128 bits: only who holds the keys could look for two contents of one hash, and has no need to.</summary>
    private const int HashDigitCount = 32;

    // Some 4,000 blocks; who writes more in one page had better write two.
    private const int PageBytesMax = 1024 * 1024;

    /// <summary>Where the last one ends.</summary>
    [JsonIgnore]
    public long End => Offset + Lengths.Sum(length => (long)length);

    /// <summary>Blocks that lie one behind the other.</summary>
    public static FooterColumns Of(IReadOnlyList<BlockEntry> blocks)
    {
        for (var i = 1; i < blocks.Count; i++)
        {
            if (blocks[i].Offset != blocks[i - 1].Offset + blocks[i - 1].Length) throw new System.Diagnostics.UnreachableException("A section's blocks are written one behind the other.");
        }

        return new FooterColumns(
            [.. blocks.Select(block => block.Group)],
            string.Concat(blocks.Select(block => block.Sha256[..HashDigitCount])),
            [.. blocks.Select(block => block.Length)],
            blocks[0].Offset,
            [.. blocks.Select(block => block.Rows)]);
    }

    /// <summary>Appends these blocks' pages to a segment.</summary>
    public static FooterColumns WritePages(IReadOnlyList<BlockEntry> blocks, int blocksPerPage, Compressor compressor, BlockBuffer segment)
    {
        var (offset, groups, lengths, hashes) = ((long)segment.Length, new List<int>(), new List<int>(), new List<string>());
        foreach (var page in blocks.Chunk(blocksPerPage))
        {
            var frame = compressor.Wrap(CanonicalJson.Write(Of(page), FormatJson.Default.FooterColumns));
            groups.Add(page[0].Group);
            lengths.Add(frame.Length);
            hashes.Add(HashOf(frame));
            segment.Append(frame);
        }

        return new FooterColumns(groups, string.Concat(hashes), lengths, offset);
    }

    /// <summary>The pages that may hold groups of a range.</summary>
    public (int First, int Count) PagesOf(int firstGroup, int endGroup)
    {
        var end = Groups.TakeWhile(group => group < endGroup).Count();
        var first = Math.Max(0, Groups.TakeWhile(group => group <= firstGroup).Count() - 1);
        return (first, Math.Max(0, end - first));
    }

    /// <summary>Where some neighbours lie.</summary>
    public (long Offset, int Length) RangeOf(int first, int count) =>
        (Offset + Lengths.Take(first).Sum(length => (long)length), checked((int)Lengths.Skip(first).Take(count).Sum(length => (long)length)));

    /// <summary>The blocks of a page.</summary>
    /// <param name="page">Which page of these.</param>
    /// <param name="bytes">What lies where the page is.</param>
    /// <param name="groups">How many groups the section is divided into.</param>
    /// <param name="name">Of the segment.</param>
    /// <exception cref="VaultDamagedException">They are not what is listed here.</exception>
    public IReadOnlyList<BlockEntry> ReadPage(int page, ReadOnlySpan<byte> bytes, int groups, string name)
    {
        var offset = RangeOf(page, 0).Offset;
        if (bytes.Length != Lengths[page] || HashOf(bytes) != HashAt(page)) throw new VaultDamagedException(name, offset, "The hash of a page of the footer does not fit.");
        var columns = CanonicalJson.Read(Unpack(bytes, offset, name), FormatJson.Default.FooterColumns, name);
        var end = page + 1 < Groups.Count ? Groups[page + 1] : groups;
        if (!columns.IsWhole(groups) || columns.Rows?.Count != columns.Groups.Count || columns.Groups[0] != Groups[page] || columns.Groups[^1] >= end)
            throw new VaultDamagedException(name, offset, "A page of the footer lists other blocks than it should.");
        return columns.Blocks();
    }

    /// <summary>Whether the columns are there, of one height and in order: what was read may lack anything.</summary>
    public bool IsWhole(int groups) =>
        Groups is [>= 0, ..] && Groups[^1] < groups && Lengths?.Count == Groups.Count && Hashes?.Length == Groups.Count * HashDigitCount && Offset >= 0 && End >= Offset
        && Lengths.All(length => length > 0) && Groups.Zip(Groups.Skip(1)).All(pair => pair.First < pair.Second);

    private string HashAt(int place) => Hashes.Substring(place * HashDigitCount, HashDigitCount);

    private List<BlockEntry> Blocks()
    {
        var (blocks, offset) = (new List<BlockEntry>(Groups.Count), Offset);
        for (var i = 0; i < Groups.Count; i++)
        {
            blocks.Add(new BlockEntry(Groups[i], offset, Lengths[i], Rows![i], HashAt(i))); // A page that lacks them was refused.
            offset += Lengths[i];
        }

        return blocks;
    }

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..HashDigitCount];

    private static byte[] Unpack(ReadOnlySpan<byte> bytes, long offset, string name)
    {
        try
        {
            using var decompressor = new Decompressor();
            if (Decompressor.GetDecompressedSize(bytes) > PageBytesMax) throw new VaultDamagedException(name, offset, "A page of the footer is too large.");
            return decompressor.Unwrap(bytes).ToArray();
        }
        catch (ZstdException exception)
        {
            throw new VaultDamagedException(name, offset, "A page of the footer does not open.", exception);
        }
    }
}
