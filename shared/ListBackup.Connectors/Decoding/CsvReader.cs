using System.Text;

namespace ListBackup.Connectors.Decoding;

/// <summary>The rows of a table of separated values (RFC 4180), whatever its line ends. A quote in the middle of a field is a character like others.</summary>
/// <param name="rowCharactersMax">More characters in one row are no table.</param>
internal sealed class CsvReader(TextReader text, char delimiter, int rowCharactersMax)
{
    private const int BufferCharacters = 16 * 1024;
    private const int End = -1;

    private readonly char[] _buffer = new char[BufferCharacters];
    private readonly StringBuilder _field = new();
    private int _at;
    private int _length;
    private int _rowCharacters;

    /// <summary>The next row that is not blank; false at the end.</summary>
    /// <exception cref="NotReadableException">A quoted field is not closed: the table is cut off. Or a row is too long.</exception>
    public bool Next(List<string> row)
    {
        do
        {
            row.Clear();
            _rowCharacters = 0;
            if (Peek() == End)
                return false;
            while (Field(row))
            {
                // Each call takes one field; the last of the row tells.
            }
        }
        while (row is [""]);

        return true;
    }

    /// <summary>Takes one field; false when it was the row's last.</summary>
    private bool Field(List<string> row)
    {
        _field.Clear();
        if (Peek() == '"')
        {
            Take();
            Quoted();
        }

        while (true)
        {
            var next = Take();
            if (next == delimiter)
            {
                row.Add(_field.ToString());
                return true;
            }

            if (next is End or '\n' or '\r')
            {
                if (next == '\r' && Peek() == '\n')
                    Take();
                row.Add(_field.ToString());
                return false;
            }

            _field.Append((char)next);
        }
    }

    private void Quoted()
    {
        while (true)
        {
            var next = Take();
            if (next == End)
                throw new NotReadableException("a quoted field of its table is not closed");
            if (next != '"')
            {
                _field.Append((char)next);
                continue;
            }

            if (Peek() != '"')
                return;
            Take();
            _field.Append('"');
        }
    }

    private int Peek()
    {
        if (_at == _length)
        {
            _length = text.Read(_buffer);
            _at = 0;
        }

        return _length == 0 ? End : _buffer[_at];
    }

    private int Take()
    {
        var next = Peek();
        if (next == End)
            return End;
        _at++;

        return ++_rowCharacters > rowCharactersMax ? throw new NotReadableException("a row of its table is longer than the limit") : next;
    }
}
