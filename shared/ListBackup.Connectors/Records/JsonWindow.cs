using System.Buffers;
using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Records;

/// <summary>JSON that is too large to be held, seen through a window that moves on. The window grows only for a single thing that does not fit into it.</summary>
/// <param name="bytesMax">Largest window, so the largest record or text.</param>
internal sealed class JsonWindow(Stream json, int bytes, int bytesMax, ArrayPool<byte> pool) : IDisposable
{
    private PageBuffer _buffer = new(int.MaxValue, pool);
    private JsonReaderState _state = new(ValueJson.ReaderOptions);
    private int _read;

    /// <summary>True when the end of the JSON is in the window.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>Where the window's first byte stands in the whole.</summary>
    public long Start { get; private set; }

    public ReadOnlyMemory<byte> Memory => _buffer.Memory;

    /// <summary>Where in the whole a reader of <see cref="Reader"/> starts.</summary>
    public long ReaderStart => Start + _read;

    /// <summary>A reader of what was not read yet. Before the window moves it is given to <see cref="Leave"/>.</summary>
    public Utf8JsonReader Reader() => new(_buffer.Memory.Span[_read..], IsEnd, _state);

    public void Leave(ref Utf8JsonReader reader)
    {
        _state = reader.CurrentState;
        _read += (int)reader.BytesConsumed;
    }

    /// <summary>Moves on. What stands before <paramref name="keep"/> (or, at the latest, before what was not read) is gone.</summary>
    public void Move(long? keep)
    {
        var from = First(keep);
        _buffer.RemoveFirst(from);
        Passed(from);
        Fill();
    }

    /// <summary>Moves on like <see cref="Move"/>, and leaves the bytes behind to the caller.</summary>
    public PageBuffer MoveAway(long? keep)
    {
        var from = First(keep);
        var old = _buffer;
        _buffer = new PageBuffer(int.MaxValue, pool);
        if (!IsEnd)
        {
            var rest = old.Memory.Span[from..];
            _buffer.Expect(Math.Max(bytes, rest.Length));
            _buffer.Write(rest);
        }

        Passed(from);
        Fill();

        return old;
    }

    public void Dispose() => _buffer.Dispose();

    private int First(long? keep) => keep is { } at && at - Start < _read ? (int)(at - Start) : _read;

    private void Passed(int count)
    {
        Start += count;
        _read -= count;
    }

    private void Fill()
    {
        if (IsEnd)
            return;
        if (_buffer.Length >= bytesMax)
            throw new TransportException(TransportFailure.RecordTooLarge, "a single record is larger than the limit");

        var wanted = Math.Max(bytes, (int)Math.Min(_buffer.Length * 2L, bytesMax));
        _buffer.Expect(wanted);
        while (_buffer.Length < wanted && !IsEnd)
        {
            var space = _buffer.GetSpan();
            var count = json.Read(space[..Math.Min(space.Length, wanted - _buffer.Length)]);
            _buffer.Advance(count);
            IsEnd = count == 0;
        }
    }
}
