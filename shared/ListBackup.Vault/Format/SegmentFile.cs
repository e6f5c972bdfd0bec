using System.Buffers.Binary;
using System.Security.Cryptography;
using ZstdSharp;

namespace ListBackup.Vault.Format;

/// <summary>
/// A segment object (vault-format.md, "Segments"): magic, the blocks of one or more sections, the pages of large sections' tables, a zstd frame of the footer's JSON,
/// its length, magic.
/// </summary>
internal sealed class SegmentFile
{
    private const int FooterBytesMax = 64 * 1024 * 1024;

    /// <summary>So many pages' blocks stand in the footer itself: to read them all costs less than one more request.</summary>
    private const int PagesMin = 4;
    private readonly BlockBuffer _bytes;
    private readonly List<SectionTable> _sections = [];

    public SegmentFile() : this(new BlockBuffer())
    {
    }

    /// <param name="output">Where the object is made; emptied first.</param>
    public SegmentFile(BlockBuffer output)
    {
        _bytes = output;
        _bytes.Clear();
        _bytes.Append(HeadMagic);
    }

    public static ReadOnlySpan<byte> HeadMagic => "LBSEG01\n"u8;

    public static ReadOnlySpan<byte> TailMagic => "LBSEGEND"u8;

    /// <summary>Bytes so far, the magic included.</summary>
    public int Length => _bytes.Length;

    /// <summary>Where a section's blocks are written directly; <see cref="AddBuilt"/> then names them.</summary>
    public BlockBuffer Output => _bytes;

    /// <summary>The blocks so far, as a section to be added to another segment; the table's offsets count from its first byte.</summary>
    public (SectionTable Table, byte[] Blocks) TakeOnlySection()
    {
        var table = _sections.Single();
        return (table with { Blocks = [.. table.Blocks.Select(block => block with { Offset = block.Offset - HeadMagic.Length })] }, _bytes.Written[HeadMagic.Length..].ToArray());
    }

    /// <summary>Adds a section whose blocks are in the output already; the table's offsets are the segment's.</summary>
    public void AddBuilt(SectionTable section) => _sections.Add(section);

    /// <summary>Adds a section whose table counts offsets from the section's start.</summary>
    public void Add(SectionTable section, ReadOnlySpan<byte> blocks)
    {
        var start = _bytes.Length;
        _bytes.Append(blocks);
        _sections.Add(section with { Blocks = [.. section.Blocks.Select(block => block with { Offset = block.Offset + start })] });
    }

    /// <summary>Ends the object.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="blocksPerPage">How many blocks a page of the footer lists; what has no more than four pages' blocks has no pages.</param>
    public Finished Finish(string name, int blocksPerPage)
    {
        using var compressor = new Compressor(3);
        var pages = _bytes.Length;
        var sections = _sections.ConvertAll(section => Write(section, blocksPerPage, compressor));
        var offset = _bytes.Length;
        _bytes.Append(compressor.Wrap(CanonicalJson.Write(new SegmentFooter { Sections = sections }, FormatJson.Default.SegmentFooter)));
        var length = _bytes.Length - offset;
        var footer = new FooterReference(offset, length, HexSha256(_bytes.Written[offset..]), pages < offset ? pages : null);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.Reserve(4), length);
        _bytes.Advance(4);
        _bytes.Append(TailMagic);
        return new Finished(name, _bytes.WrittenMemory, HexSha256(_bytes.Written), footer, _sections);
    }

    private FooterSection Write(SectionTable section, int blocksPerPage, Compressor compressor)
    {
        var isPaged = section.Blocks.Count > PagesMin * blocksPerPage;
        return new FooterSection
        {
            Id = section.Id,
            Source = section.Source,
            Stream = section.Stream,
            KeyEpoch = section.KeyEpoch,
            Groups = section.Groups,
            Dictionary = section.Dictionary,
            Blocks = isPaged ? null : section.Blocks,
            Pages = isPaged ? FooterColumns.WritePages(section.Blocks, blocksPerPage, compressor, _bytes) : null,
        };
    }

    /// <summary>Reads a footer's bytes, whose hash the manifest names.</summary>
    /// <exception cref="VaultDamagedException">They are others.</exception>
    public static SegmentFooter ReadFooter(ReadOnlySpan<byte> bytes, FooterReference footer, string name)
    {
        if (bytes.Length != footer.Length || HexSha256(bytes) != footer.Sha256)
            throw new VaultDamagedException(name, footer.Offset, "The footer's hash does not fit.");
        var read = CanonicalJson.Read(Unpack(bytes, footer, name), FormatJson.Default.SegmentFooter, name);
        if (!read.Sections.All(section => section.Pages is null ? section.Blocks is not null : section.Blocks is null && section.Pages.IsWhole(section.Groups) && section.Pages.End <= footer.Offset))
            throw new VaultDamagedException(name, footer.Offset, "The footer lists neither a section's blocks nor pages that lie before it.");
        return read;
    }

    private static byte[] Unpack(ReadOnlySpan<byte> bytes, FooterReference footer, string name)
    {
        try
        {
            using var decompressor = new Decompressor();
            if (Decompressor.GetDecompressedSize(bytes) > FooterBytesMax) throw new VaultDamagedException(name, footer.Offset, "The footer is too large.");
            return decompressor.Unwrap(bytes).ToArray();
        }
        catch (ZstdException exception)
        {
            throw new VaultDamagedException(name, footer.Offset, "The footer does not open.", exception);
        }
    }

    private static string HexSha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>An object that is ready to be put.</summary>
    internal sealed record Finished(string Name, ReadOnlyMemory<byte> Content, string Sha256, FooterReference Footer, IReadOnlyList<SectionTable> Sections)
    {
        /// <summary>What a manifest says of one of its sections; the seqs are the commit's to fill in.</summary>
        public SectionReference ReferenceTo(string section, long from = 0, long to = 0)
        {
            var table = Sections.Single(candidate => candidate.Id == section);
            return new SectionReference
            {
                Object = Name,
                Size = Content.Length,
                Sha256 = Sha256,
                Footer = Footer,
                Section = section,
                Bytes = table.Blocks.Sum(block => (long)block.Length),
                Rows = table.Blocks.Sum(block => (long)block.Rows),
                From = from,
                To = to,
                Dictionary = table.Dictionary,
            };
        }
    }
}
