using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;
using ZstdSharp;

namespace ListBackup.Vault.Searching;

/// <summary>
/// A layer of an index: sealed pages of sorted terms one behind the other, then a sealed directory with the first term of each. A page is
/// opened by its number and a directory by the layer's id, so that none can stand in another's place.
/// </summary>
/// <remarks>Page: for each term how many of its bytes are the former's, how many follow, those, the number of places (0: common), the first place and the distances of the others; numbers as LEB128.</remarks>
internal static class SearchLayer
{
    public const byte Version = 1;
    public const int PageBytes = 24 * 1024;

    // A damaged page may claim anything.
    public const int PlainBytesMax = 64 * 1024 * 1024;

    public static string PagePurpose(string layer, int page) => $"search page {layer} {page}";

    public static string DirectoryPurpose(string layer) => $"search directory {layer}";

    public static byte[] Unzip(ReadOnlySpan<byte> frame, Decompressor decompressor)
    {
        var size = Decompressor.GetDecompressedSize(frame);
        if (size > PlainBytesMax) throw new InvalidDataException("A page of a search index claims more than it may hold.");
        var plain = new byte[size];
        return decompressor.Unwrap(frame, plain) == plain.Length ? plain : throw new InvalidDataException("A page of a search index has another size than it claims.");
    }
}

/// <summary>What a header says of a layer.</summary>
internal sealed record LayerReference
{
    /// <summary>Random; 32 hex digits; the last part of the object's name.</summary>
    public required string Id { get; init; }

    public required long Size { get; init; }

    public required long DirectoryOffset { get; init; }

    /// <summary>Records or versions that were looked at.</summary>
    public required long Documents { get; init; }

    /// <summary>Terms in it.</summary>
    public required long Terms { get; init; }
}

/// <summary>Writes a layer to a stream, term by term in their order.</summary>
internal sealed class LayerWriter(Stream output, byte[] key, string id, int commonFrom) : IDisposable
{
    private const int CompressionLevel = 3;

    private readonly Compressor _compressor = new(CompressionLevel);
    private readonly BlockBuffer _page = new(SearchLayer.PageBytes * 2);
    private readonly List<(byte[] FirstTerm, int Length)> _pages = [];
    private byte[] _firstTerm = [];
    private readonly byte[] _former = new byte[RecordTerms.TermBytesMax];
    private int _formerLength;
    private long _offset;
    private long _terms;

    public void Add(TermPlaces term)
    {
        var bytes = term.Term.Span;
        if (_page.Length == 0) (_firstTerm, _formerLength) = (bytes.ToArray(), 0);
        var shared = bytes.CommonPrefixLength(_former.AsSpan(0, _formerLength));
        Number(shared);
        Number(bytes.Length - shared);
        _page.Append(bytes[shared..]);
        var places = term.Places.Span;
        if (places.Length > commonFrom) places = [];
        Number(places.Length);
        var last = 0u;
        foreach (var place in places)
        {
            Number((int)(place - last));
            last = place;
        }

        bytes.CopyTo(_former);
        _formerLength = bytes.Length;
        _terms++;
        if (_page.Length >= SearchLayer.PageBytes) WritePage();
    }

    public LayerReference Finish(FieldNumbers fields, long documents)
    {
        if (_page.Length > 0) WritePage();
        _page.Append([SearchLayer.Version]);
        Number(fields.Paths.Count);
        foreach (var path in fields.Paths) Bytes(Encoding.UTF8.GetBytes(path));
        Number(_pages.Count);
        foreach (var (firstTerm, length) in _pages)
        {
            Bytes(firstTerm);
            Number(length);
        }

        var directoryOffset = _offset;
        Write(SearchLayer.DirectoryPurpose(id));
        return new LayerReference { Id = id, Size = _offset, DirectoryOffset = directoryOffset, Documents = documents, Terms = _terms };
    }

    public void Dispose() => _compressor.Dispose();

    private void WritePage()
    {
        var start = _offset;
        Write(SearchLayer.PagePurpose(id, _pages.Count));
        _pages.Add((_firstTerm, (int)(_offset - start)));
    }

    private void Write(string purpose)
    {
        var box = Sealed.Write(key, purpose, _compressor.Wrap(_page.Written));
        output.Write(box);
        _offset += box.Length;
        _page.Clear();
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number(bytes.Length);
        _page.Append(bytes);
    }

    private void Number(int number)
    {
        var rest = (uint)number;
        var room = _page.Reserve(5);
        var length = 0;
        for (; rest >= 0x80; rest >>= 7) room[length++] = (byte)(rest | 0x80);
        room[length++] = (byte)rest;
        _page.Advance(length);
    }
}

/// <summary>Reads numbers and bytes of an opened page.</summary>
internal ref struct PageReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public uint Number()
    {
        var number = 0u;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (_rest.IsEmpty) break;
            var next = _rest[0];
            _rest = _rest[1..];
            number |= (uint)(next & 0x7F) << shift;
            if (next < 0x80) return number;
        }

        throw new InvalidDataException("A number in a search index is malformed.");
    }

    public ReadOnlySpan<byte> Bytes(uint length)
    {
        if (length > _rest.Length) throw new InvalidDataException("A page of a search index ends too early.");
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }
}

/// <summary>The directory of a layer, and how its pages are read. Immutable.</summary>
internal sealed class LayerReader
{
    private readonly byte[] _key;
    private readonly List<(byte[] FirstTerm, long Offset, int Length)> _pages = [];
    private readonly Func<long, int, CancellationToken, Task<byte[]>> _read;

    private LayerReader(LayerReference reference, byte[] key, Func<long, int, CancellationToken, Task<byte[]>> read) => (Reference, _key, _read) = (reference, key, read);

    public LayerReference Reference { get; }

    /// <summary>Paths by number, from 1.</summary>
    public IReadOnlyList<string> Fields { get; private set; } = [];

    /// <exception cref="CryptographicException">It was sealed under another key, or is damaged.</exception>
    /// <exception cref="InvalidDataException">It is of another version or malformed.</exception>
    public static async Task<LayerReader> OpenAsync(LayerReference reference, byte[] key, Func<long, int, CancellationToken, Task<byte[]>> read, CancellationToken cancellation)
    {
        var layer = new LayerReader(reference, key, read);
        var box = await read(reference.DirectoryOffset, checked((int)(reference.Size - reference.DirectoryOffset)), cancellation);
        using var decompressor = new Decompressor();
        layer.ReadDirectory(SearchLayer.Unzip(Sealed.Open(key, SearchLayer.DirectoryPurpose(reference.Id), box).Span, decompressor));
        return layer;
    }

    /// <summary>All terms in order, read in pieces of several pages.</summary>
    public async IAsyncEnumerable<TermPlaces> ReadAllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var first = 0; first < _pages.Count;)
        {
            var (end, bytes) = (first, 0);
            while (end < _pages.Count && (end == first || bytes + _pages[end].Length <= ReadAheadBytes)) bytes += _pages[end++].Length;
            foreach (var term in await ReadPagesAsync(first, end, cancellation)) yield return term;
            first = end;
        }
    }

    /// <summary>Terms from one (inclusive) to another (exclusive); null when that is more than is worth reading.</summary>
    public async Task<IEnumerable<TermPlaces>?> ReadRangeAsync(byte[] from, byte[] to, int bytesMax, CancellationToken cancellation)
    {
        var (first, end) = (PageOf(from), LowerBound(to));
        if (first >= end) return [];
        if (_pages[end - 1].Offset + _pages[end - 1].Length - _pages[first].Offset > bytesMax) return null;
        var terms = await ReadPagesAsync(first, end, cancellation);
        return terms.Where(term => term.Term.Span.SequenceCompareTo(from) >= 0 && term.Term.Span.SequenceCompareTo(to) < 0);
    }

    private const int ReadAheadBytes = 512 * 1024;

    private async Task<IEnumerable<TermPlaces>> ReadPagesAsync(int first, int end, CancellationToken cancellation)
    {
        var start = _pages[first].Offset;
        var bytes = await _read(start, checked((int)(_pages[end - 1].Offset + _pages[end - 1].Length - start)), cancellation);
        return TermsOf(bytes, first, end);
    }

    private IEnumerable<TermPlaces> TermsOf(byte[] bytes, int first, int end)
    {
        using var decompressor = new Decompressor();
        for (var page = first; page < end; page++)
        {
            var box = bytes.AsMemory((int)(_pages[page].Offset - _pages[first].Offset), _pages[page].Length);
            var plain = SearchLayer.Unzip(Sealed.Open(_key, SearchLayer.PagePurpose(Reference.Id, page), box).Span, decompressor);
            foreach (var term in TermsOf(plain)) yield return term;
        }
    }

    private static List<TermPlaces> TermsOf(byte[] plain)
    {
        var (terms, former) = (new List<TermPlaces>(), Array.Empty<byte>());
        for (var reader = new PageReader(plain); !reader.IsAtEnd;)
        {
            var shared = reader.Number();
            var rest = reader.Bytes(reader.Number());
            if (shared > former.Length) throw new InvalidDataException("A term of a search index is malformed.");
            former = [.. former.AsSpan(0, (int)shared), .. rest];
            var count = reader.Number();
            if (count > plain.Length) throw new InvalidDataException("A term of a search index is malformed.");
            var (places, last) = (new uint[count], 0u);
            for (var i = 0; i < places.Length; i++) places[i] = last += reader.Number();
            terms.Add(new TermPlaces(former, places));
        }

        return terms;
    }

    private void ReadDirectory(byte[] plain)
    {
        var reader = new PageReader(plain);
        if (reader.Number() != SearchLayer.Version) throw new InvalidDataException("The search index is of another version.");
        var fields = new string[Math.Min(reader.Number(), FieldNumbers.Max)];
        for (var i = 0; i < fields.Length; i++) fields[i] = Encoding.UTF8.GetString(reader.Bytes(reader.Number()));
        Fields = fields;
        var offset = 0L;
        for (var count = reader.Number(); count > 0; count--)
        {
            var firstTerm = reader.Bytes(reader.Number()).ToArray();
            var length = (int)reader.Number();
            _pages.Add((firstTerm, offset, length));
            offset += length;
        }

        if (offset != Reference.DirectoryOffset) throw new InvalidDataException("The pages of a search index do not add up.");
    }

    /// <summary>The page in which a term would be: the last that does not begin behind it.</summary>
    private int PageOf(byte[] term)
    {
        var place = LowerBound(term);
        return place < _pages.Count && _pages[place].FirstTerm.AsSpan().SequenceEqual(term) ? place : Math.Max(0, place - 1);
    }

    /// <summary>The first page whose first term is not before this one.</summary>
    private int LowerBound(byte[] term)
    {
        var (low, high) = (0, _pages.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_pages[middle].FirstTerm.AsSpan().SequenceCompareTo(term) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
