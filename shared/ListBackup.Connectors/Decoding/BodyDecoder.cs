using System.Text;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>
/// Turns an answer's bytes into JSON, which is all that the rest of the engine knows. What is JSON already is passed on as it is, unread.
/// </summary>
internal abstract class BodyDecoder
{
    public static BodyDecoder Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(JsonDecoder) => reader.Done<BodyDecoder>(JsonDecoder.Instance),
        nameof(JsonlDecoder) => reader.Done<BodyDecoder>(new JsonlDecoder(Encoding.UTF8)),
        nameof(JsonItemsDecoder) => JsonItemsDecoder.Parse(reader),
        nameof(IterableDecoder) => reader.Done<BodyDecoder>(new IterableDecoder()),
        nameof(CsvDecoder) => CsvDecoder.Parse(reader),
        nameof(XmlDecoder) => reader.Done<BodyDecoder>(new XmlDecoder()),
        nameof(GzipDecoder) => GzipDecoder.Parse(reader),
        nameof(ZipfileDecoder) => ZipfileDecoder.Parse(reader),
        "CompositeRawDecoder" => ParserDecoders.Parse(reader),
        "GzipJsonDecoder" => reader.Done<BodyDecoder>(new GzipDecoder(JsonDecoder.In(CsvDecoder.EncodingOf(reader)))),
        _ => throw reader.WrongType(),
    };

    /// <summary>Where inside the JSON the bodies start; empty: the JSON itself, and each item when it is a list.</summary>
    public virtual IReadOnlyList<string> BodiesPath => [];

    /// <summary>The body is JSON as it is, so nothing has to be opened.</summary>
    public virtual bool IsJson => false;

    /// <summary>
    /// The body as JSON, made piece by piece while somebody reads it, so that a body of any size costs the memory of a piece. The stream that comes back
    /// owns <paramref name="body"/>.
    /// </summary>
    /// <param name="bytesMax">Most bytes of anything that has to be held: a line, a tree of XML.</param>
    /// <exception cref="NotReadableException">The body is not of this kind. It may also come while the stream is read.</exception>
    public abstract Stream Open(Stream body, int bytesMax);
}

/// <summary>A kind of body of which everything has to be seen at once, so it is held.</summary>
internal abstract class WholeDecoder : BodyDecoder
{
    public override Stream Open(Stream body, int bytesMax)
    {
        using (body)
        {
            using var whole = PageBuffer.ReadWhole(body, bytesMax);

            return new BufferStream(Decode(whole, bytesMax));
        }
    }

    /// <summary>The JSON of the body, in a buffer of its own.</summary>
    /// <exception cref="NotReadableException">The body is not of this kind.</exception>
    protected abstract PageBuffer Decode(PageBuffer body, int bytesMax);
}

/// <summary>A body that its decoder cannot read. The message names the kind of damage, never the content.</summary>
internal sealed class NotReadableException(string why) : Exception(why);

/// <summary>JSON, in UTF-8 unless it says or the manifest says otherwise.</summary>
internal sealed class JsonDecoder : BodyDecoder
{
    public static readonly JsonDecoder Instance = new(Encoding.UTF8);

    private readonly Encoding _encoding;

    private JsonDecoder(Encoding encoding) => _encoding = encoding;

    public override bool IsJson => _encoding.CodePage == Encoding.UTF8.CodePage;

    public static JsonDecoder In(Encoding encoding) => encoding.CodePage == Encoding.UTF8.CodePage ? Instance : new JsonDecoder(encoding);

    public override Stream Open(Stream body, int bytesMax) => TextEncodings.ToUtf8(body, _encoding);
}

/// <summary>JSON of which a list somewhere inside holds the bodies.</summary>
internal sealed class JsonItemsDecoder(IReadOnlyList<string> path, BodyDecoder json) : BodyDecoder
{
    public override IReadOnlyList<string> BodiesPath => path;

    public override bool IsJson => json.IsJson;

    public static new JsonItemsDecoder Parse(ComponentReader reader)
    {
        var path = reader.Text("items_path").Split('.').ToList();

        // The path is written with "item" for "each item of the list", which is understood anyway.
        if (path[^1] == "item")
            path.RemoveAt(path.Count - 1);

        return reader.Done(new JsonItemsDecoder(path, JsonDecoder.In(CsvDecoder.EncodingOf(reader))));
    }

    public override Stream Open(Stream body, int bytesMax) => json.Open(body, bytesMax);
}
