using System.Buffers;
using System.Text.Json;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Records;

/// <summary>
/// What expressions can see of JSON that is too large to be held: everything that is small, however deep it stands, and of a large list its length and its two
/// ends. That is what paginators ask for. Looking into what was left out is an error, never a wrong value.
/// </summary>
internal sealed class JsonOutline : IDisposable
{
    /// <summary>What is larger than this is opened, and only its parts are kept.</summary>
    private const int SmallBytes = 64 * 1024;

    /// <summary>An object with more than this in it is left out: it is a map of records and not what stands around records.</summary>
    private const int ObjectBytesMax = 4 * 1024 * 1024;

    private readonly JsonWindow _window;
    private readonly List<Frame> _frames = [];
    private int _depth;
    private int _opened;
    private Value _root;

    private JsonOutline(JsonWindow window) => _window = window;

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static Value Read(Stream json, int textBytesMax, ArrayPool<byte> pool)
    {
        using var outline = new JsonOutline(new JsonWindow(json, 1024 * 1024, textBytesMax, pool));

        return outline.Read();
    }

    public void Dispose() => _window.Dispose();

    private Value Read()
    {
        while (true)
        {
            var reader = _window.Reader();
            var start = _window.ReaderStart;
            while (reader.Read())
                Token(ref reader, start);
            _window.Leave(ref reader);
            if (_window.IsEnd)
                return _root;
            _window.Move(_opened < _depth ? _frames[_opened].Start : null);
        }
    }

    private void Token(ref Utf8JsonReader reader, long readerStart)
    {
        var (start, end) = (readerStart + reader.TokenStartIndex, readerStart + reader.BytesConsumed);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                if (_depth == _frames.Count)
                    _frames.Add(new Frame());
                _frames[_depth++].Open(start, reader.TokenType == JsonTokenType.StartArray);
                break;
            case JsonTokenType.PropertyName:
                var frame = _frames[_depth - 1];
                if (_opened == _depth)
                    frame.Key = ValueJson.Text(ref reader);
                else
                    frame.KeyStart = start;
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                Close(end);
                break;
            default:
                Add(start, end);
                break;
        }

        while (_opened < _depth && end - _frames[_opened].Start > SmallBytes)
            Explode(_frames[_opened++]);
    }

    private void Close(long end)
    {
        var frame = _frames[--_depth];
        if (_opened <= _depth)
        {
            Add(frame.Start, end);
            return;
        }

        _opened = _depth;
        if (_depth == 0)
            _root = frame.Value;
        else
            _frames[_depth - 1].Add(frame.Value, frame.KeptBytes);
    }

    /// <summary>A value ends whose bytes are still in the window.</summary>
    private void Add(long start, long end)
    {
        if (_depth == 0)
            _root = Cut(start, end);
        else if (_opened == _depth)
            _frames[_depth - 1].Add(Cut(start, end), end - start);
        else
            _frames[_depth - 1].Note(start, end);
    }

    /// <summary>The frame has become too large to be kept as it is: from here on its parts are kept.</summary>
    private void Explode(Frame frame)
    {
        frame.BeginToKeep();
        foreach (var (keyStart, start, end) in frame.Noted)
        {
            frame.Key = frame.IsList ? "" : Key(keyStart);
            frame.Add(Cut(start, end), end - start);
        }

        frame.EndNoting();

        // The member that is being read has a key that was noted and not read.
        if (!frame.IsList && frame.KeyStart >= 0)
            frame.Key = Key(frame.KeyStart);
    }

    private string Key(long start)
    {
        var reader = new Utf8JsonReader(_window.Memory.Span[(int)(start - _window.Start)..], isFinalBlock: false, new JsonReaderState(ValueJson.ReaderOptions));
        reader.Read();

        return ValueJson.Text(ref reader);
    }

    private Value Cut(long start, long end)
    {
        if (end - start > SmallBytes)
            return Value.Of(ValueMap.TooLarge());

        return ValueJson.Parse(_window.Memory.Slice((int)(start - _window.Start), (int)(end - start)).ToArray());
    }

    /// <summary>A list or an object that has not ended. Frames are used again, since there is one for each object of a page.</summary>
    private sealed class Frame
    {
        private ValueMap _map = new();
        private (Value Value, long Bytes) _first;
        private (Value Value, long Bytes) _last;
        private long _bytes;
        private int _count;
        private int _noted;

        public long Start { get; private set; }

        public bool IsList { get; private set; }

        /// <summary>The key of the member that comes.</summary>
        public string Key { get; set; } = "";

        public long KeyStart { get; set; } = -1;

        /// <summary>Parts that have ended while the frame is small: all of an object, the ends of a list.</summary>
        public List<(long KeyStart, long Start, long End)> Noted { get; } = [];

        public long KeptBytes => IsList ? _first.Bytes + _last.Bytes : _bytes > ObjectBytesMax ? 0 : _bytes;

        public Value Value => IsList ? Value.Of(ValueList.Ends(_count, _first.Value, _last.Value)) : Value.Of(_bytes > ObjectBytesMax ? ValueMap.TooLarge() : _map);

        public void Open(long start, bool isList)
        {
            (Start, IsList, KeyStart, _noted) = (start, isList, -1, 0);
            Noted.Clear();
        }

        public void Note(long start, long end)
        {
            _noted++;
            if (IsList && Noted.Count == 2)
                Noted[1] = (KeyStart, start, end);
            else
                Noted.Add((KeyStart, start, end));
        }

        public void BeginToKeep() => (_map, _first, _last, _bytes, _count) = (new ValueMap(), default, default, 0, 0);

        public void EndNoting()
        {
            _count = _noted;
            Noted.Clear();
        }

        public void Add(Value value, long bytes)
        {
            if (IsList)
            {
                _last = (value, bytes);
                if (_count++ == 0)
                    _first = _last;
                return;
            }

            _bytes += bytes + Key.Length;
            if (_bytes <= ObjectBytesMax)
                _map.Set(Key, value);
        }
    }
}
