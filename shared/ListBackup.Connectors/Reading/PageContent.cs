using System.Text.Json;
using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>
/// The rows of one answer. What is held is cut at once; what is larger waits in a file and is cut into parts one after the other, so that memory does not
/// grow with the page.
/// </summary>
internal sealed class PageContent : IDisposable
{
    private readonly HttpAnswer _answer;
    private readonly Session _session;
    private readonly BodyDecoder _decoder;
    private readonly ConnectorHttp _http;
    private AnswerBody _json;
    private Stream? _stream;
    private LargePageSplitter? _splitter;
    private Value _response;
    private bool _isGiven;
    private bool _ended;

    private PageContent(HttpAnswer answer, BodyDecoder decoder, Session session)
    {
        _answer = answer;
        _decoder = decoder;
        _session = session;
        _http = session.Ports.Http;
        _json = answer.Body;
    }

    /// <summary>Owns the answer from here on.</summary>
    /// <exception cref="PlatformException">The body is not what the decoder reads.</exception>
    public static PageContent Open(HttpAnswer answer, BodyDecoder decoder, Session session)
    {
        var content = new PageContent(answer, decoder, session);
        try
        {
            return content.Translated(() =>
            {
                content.Decode();
                return content;
            });
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>What expressions see as the response: the body, or its first item when it is a list, as the language has it.</summary>
    public Value Response => _response.Kind == ValueKind.Absent ? _response = Translated(ParseResponse) : _response;

    /// <summary>The next rows; null when there are no more. A page that is held comes in one piece.</summary>
    /// <exception cref="PlatformException">The body is no JSON, or a record of it is too large.</exception>
    public PagePart? Next(BoundExtractor extractor) => _ended ? null : Translated(() => Cut(extractor));

    public void Dispose()
    {
        _splitter?.Dispose();
        _stream?.Dispose();
        if (_isGiven)
            return;
        if (_json != _answer.Body)
            _json.Dispose();
        _answer.Dispose();
    }

    private void Decode()
    {
        if (_decoder.IsJson && !_answer.Body.IsMarked)
            return;

        using var decoded = _decoder.Open(_answer.Body.Open(), _http.Limits.AnswerBytesMax);
        _json = AnswerBody.Read(decoded, _http.BodyLimits);
    }

    private PagePart Cut(BoundExtractor extractor)
    {
        if (_json.IsHeld)
        {
            var scratch = Scratch();
            var rows = extractor.Extract(_json.Memory, _decoder, scratch);

            // From here on the page owns what its records point into.
            _ended = true;
            _isGiven = true;

            return new PagePart(rows, scratch, IsLast: true, _answer, _json == _answer.Body ? null : _json);
        }

        if (_splitter is null)
        {
            _stream = _json.Open();

            // Two parts take the room of one page that is held: the one that is worked on, and the one that is cut.
            var limits = _http.Limits;
            _splitter = new LargePageSplitter(
                _stream, _decoder.BodiesPath, extractor.PlainPath ?? [], Math.Max(1, limits.HeldBytesMax / 2), limits.RecordBytesMax, _http.Pool);
        }

        var part = _splitter.Next()!;
        _ended = part.IsLast;
        var made = Scratch();
        var cut = extractor.PlainPath is not null ? part.Rows : extractor.Make(part.Rows, made);

        return new PagePart(cut, made, part.IsLast, part.Buffer, null);
    }

    private Lazy<PageBuffer> Scratch() => new(() => new PageBuffer(int.MaxValue, _http.Pool), LazyThreadSafetyMode.None);

    private Value ParseResponse()
    {
        if (_json.IsHeld && _json.Memory.Span.Trim(" \t\r\n"u8).IsEmpty)
            return Value.Of(new ValueMap());

        var value = _json.IsHeld ? FirstOf(_json.Memory) : Outline();

        return value.Kind != ValueKind.List ? value : value.List.Count > 0 ? value.List[0] : Value.Of(new ValueMap());
    }

    private Value Outline()
    {
        using var stream = _json.Open();

        return JsonOutline.Read(stream, _http.Limits.RecordBytesMax, _http.Pool);
    }

    /// <summary>Of a list only the first item is parsed.</summary>
    private static Value FirstOf(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, ValueJson.ReaderOptions);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return Value.Of(ValueMap.Read(ref reader, json));
        if (reader.TokenType != JsonTokenType.StartArray)
            return ValueJson.Parse(json);
        reader.Read();

        return reader.TokenType == JsonTokenType.EndArray ? Value.Of(new ValueMap()) : ValueJson.ReadMember(ref reader, json, out _);
    }

    private T Translated<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (JsonException)
        {
            throw NotReadable("it is not JSON, or nested too deep");
        }
        catch (NotReadableException exception)
        {
            throw NotReadable(exception.Message);
        }
        catch (InvalidDataException)
        {
            throw NotReadable("its compression is broken");
        }
        catch (TransportException exception)
        {
            throw _session.Sender.Translate(exception, Failure);
        }
    }

    private PlatformFailure Failure => _session.Failure(_answer.Host) with { Status = _answer.Status };

    private PlatformNotReadableException NotReadable(string why) => new(why, Failure);
}

/// <summary>Rows, and what they point into.</summary>
/// <param name="IsLast">False when more rows of the same page follow.</param>
internal sealed record PagePart(PageRows Rows, Lazy<PageBuffer> Scratch, bool IsLast, IDisposable Owner, IDisposable? SecondOwner);
