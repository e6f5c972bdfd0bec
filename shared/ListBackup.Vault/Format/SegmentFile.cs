using System.Buffers.Binary;
using System.Security.Cryptography;
using ZstdSharp;

namespace ListBackup.Vault.Format;

/// <summary>
/// A segment object (vault-format.md, "Segments"): magic, the blocks of one or more sections, a zstd frame of the footer's JSON, its
/// length, magic.
/// </summary>
internal sealed class SegmentFile
{
    private const int FooterBytesMax = 64 * 1024 * 1024;
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
    public Finished Finish(string name)
    {
        var offset = _bytes.Length;
        using (var compressor = new Compressor(3))
            _bytes.Append(compressor.Wrap(CanonicalJson.Write(new SegmentFooter { Sections = _sections }, FormatJson.Default.SegmentFooter)));
        var length = _bytes.Length - offset;
        var footer = new FooterReference(offset, length, HexSha256(_bytes.Written[offset..]));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.Reserve(4), length);
        _bytes.Advance(4);
        _bytes.Append(TailMagic);
        return new Finished(name, _bytes.WrittenMemory, HexSha256(_bytes.Written), footer, _sections);
    }

    /// <summary>Reads a footer's bytes, whose hash the manifest names.</summary>
    /// <exception cref="VaultDamagedException">They are others.</exception>
    public static SegmentFooter ReadFooter(ReadOnlySpan<byte> bytes, FooterReference footer, string name)
    {
        if (bytes.Length != footer.Length || HexSha256(bytes) != footer.Sha256)
            throw new VaultDamagedException(name, footer.Offset, "The footer's hash does not fit.");
        try
        {
            using var decompressor = new Decompressor();
            if (Decompressor.GetDecompressedSize(bytes) > FooterBytesMax) throw new VaultDamagedException(name, footer.Offset, "The footer is too large.");
            return CanonicalJson.Read(decompressor.Unwrap(bytes), FormatJson.Default.SegmentFooter, name);
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
