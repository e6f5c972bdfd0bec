using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Records;

/// <summary>
/// Cuts a page that is too large to be held into its records, window by window. It finds the same records as <see cref="PageSplitter"/>; but what is damaged
/// behind a window is noticed when that window is reached.
/// </summary>
internal sealed class LargePageSplitter : IDisposable
{
    private readonly JsonWindow _window;
    private readonly IReadOnlyList<string> _bodiesPath;
    private readonly IReadOnlyList<string> _recordsPath;
    private readonly Stack<Level> _levels = [];
    private readonly List<(long Start, int Length)> _rows = [];
    private int _refused;
    private bool _isFound;
    private int _skippedDepth = -1;
    private (long Start, int Depth, bool IsObject, bool IsAlone)? _row;
    private bool _ended;

    /// <param name="partBytes">Bytes of one part, unless a single record has more.</param>
    public LargePageSplitter(Stream json, IReadOnlyList<string> bodiesPath, IReadOnlyList<string> recordsPath, int partBytes, int recordBytesMax, ArrayPool<byte> pool)
    {
        _window = new JsonWindow(json, partBytes, recordBytesMax, pool);
        _bodiesPath = bodiesPath;
        _recordsPath = recordsPath;
    }

    private enum Role
    {
        /// <summary>An object of which one member leads on.</summary>
        Member,

        /// <summary>A list of which one item leads on.</summary>
        Item,

        /// <summary>A list of bodies.</summary>
        Bodies,

        /// <summary>A list of records.</summary>
        Records,
    }

    /// <summary>The next rows and the buffer that they point into; null at the end. The last part has <c>IsLast</c> and may be empty.</summary>
    /// <exception cref="JsonException">The page is no JSON.</exception>
    /// <exception cref="TransportException">A record is larger than the limit.</exception>
    public LargePart? Next()
    {
        if (_ended)
            return null;

        while (true)
        {
            var reader = _window.Reader();
            var start = _window.ReaderStart;
            while (reader.Read())
                Token(ref reader, start);
            _window.Leave(ref reader);
            if (_window.IsEnd)
            {
                _ended = true;
                return Part(isLast: true);
            }

            if (_rows.Count > 0)
                return Part(isLast: false);
            _window.Move(_row?.Start);
        }
    }

    public void Dispose() => _window.Dispose();

    private LargePart Part(bool isLast)
    {
        var first = _window.Start;
        var buffer = _window.MoveAway(_row?.Start);
        var rows = new PageRows { Refused = _refused };
        foreach (var (start, length) in _rows)
            rows.Rows.Add(buffer.Memory.Slice((int)(start - first), length));
        _rows.Clear();
        _refused = 0;

        return new LargePart(rows, buffer, isLast);
    }

    private void Token(ref Utf8JsonReader reader, long readerStart)
    {
        var isEnd = reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject;
        if (_skippedDepth >= 0)
        {
            if (isEnd && reader.CurrentDepth == _skippedDepth)
                _skippedDepth = -1;
        }
        else if (_row is { } row)
        {
            if (isEnd && reader.CurrentDepth == row.Depth)
                EndRow(row.Start, readerStart + reader.BytesConsumed, row.IsObject, row.IsAlone);
        }
        else if (isEnd)
        {
            _levels.Pop();
        }
        else if (reader.TokenType == JsonTokenType.PropertyName)
        {
            _isFound = reader.ValueTextEquals(_levels.Peek() is { IsBody: true, At: var at } ? _bodiesPath[at] : _recordsPath[_levels.Peek().At]);
        }
        else
        {
            Start(ref reader, readerStart);
        }
    }

    /// <summary>A value starts; what it is follows from where it stands.</summary>
    private void Start(ref Utf8JsonReader reader, long readerStart)
    {
        if (_levels.Count == 0)
        {
            Bodies(ref reader, readerStart, 0);
            return;
        }

        var level = _levels.Pop();
        var found = level.Role switch
        {
            Role.Member => _isFound,
            Role.Item => level.Count == level.Wanted,
            _ => true,
        };
        _levels.Push(level with { Count = level.Count + 1 });
        if (!found)
            Skip(ref reader);
        else if (level.Role == Role.Records)
            Row(ref reader, readerStart, isAlone: false);
        else if (level.Role == Role.Bodies)
            Records(ref reader, readerStart, 0);
        else if (level.IsBody)
            Bodies(ref reader, readerStart, level.At + 1);
        else
            Records(ref reader, readerStart, level.At + 1);
    }

    private void Bodies(ref Utf8JsonReader reader, long readerStart, int at)
    {
        if (at < _bodiesPath.Count)
            Descend(ref reader, _bodiesPath[at], at, isBody: true);
        else if (reader.TokenType == JsonTokenType.StartArray)
            _levels.Push(new Level(Role.Bodies, 0, false, 0, 0));
        else
            Records(ref reader, readerStart, 0);
    }

    private void Records(ref Utf8JsonReader reader, long readerStart, int at)
    {
        if (at < _recordsPath.Count)
            Descend(ref reader, _recordsPath[at], at, isBody: false);
        else if (reader.TokenType == JsonTokenType.StartArray)
            _levels.Push(new Level(Role.Records, 0, false, 0, 0));
        else
            Row(ref reader, readerStart, isAlone: true);
    }

    private void Descend(ref Utf8JsonReader reader, string key, int at, bool isBody)
    {
        if (reader.TokenType == JsonTokenType.StartArray && int.TryParse(key, NumberStyles.Integer, CultureInfo.InvariantCulture, out var index))
            _levels.Push(new Level(Role.Item, at, isBody, index, 0));
        else if (reader.TokenType == JsonTokenType.StartObject)
            _levels.Push(new Level(Role.Member, at, isBody, 0, 0));
        else
            Skip(ref reader);
    }

    private void Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            _skippedDepth = reader.CurrentDepth;
    }

    private void Row(ref Utf8JsonReader reader, long readerStart, bool isAlone)
    {
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            _row = (readerStart + reader.TokenStartIndex, reader.CurrentDepth, reader.TokenType == JsonTokenType.StartObject, isAlone);
        else if (!isAlone || reader.TokenType != JsonTokenType.Null)
            _refused++;
    }

    private void EndRow(long start, long end, bool isObject, bool isAlone)
    {
        _row = null;
        var row = _window.Memory.Span[(int)(start - _window.Start)..(int)(end - _window.Start)];
        if (isAlone && PageSplitter.IsEmptyObject(row))
            return;
        if (isObject && Utf8.IsValid(row))
            _rows.Add((start, row.Length));
        else
            _refused++;
    }

    /// <param name="At">The key of the path that leads on from here.</param>
    /// <param name="Wanted">The index of the item that leads on.</param>
    /// <param name="Count">Values that have started here.</param>
    private readonly record struct Level(Role Role, int At, bool IsBody, int Wanted, int Count);
}

/// <summary>Some rows of a large page and the buffer that they point into.</summary>
internal sealed record LargePart(PageRows Rows, PageBuffer Buffer, bool IsLast);
