using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Paging;

/// <summary>
/// Notices that a platform goes in circles, in constant memory: tokens by Brent's method (a circle of any length is found within a few of its rounds),
/// and a platform that ignores the page number by the same full page coming twice.
/// </summary>
internal sealed class Repetition
{
    private string? _landmark;
    private long _steps;
    private long _power = 1;
    private (int Rows, int First, int Last)? _page;

    public bool IsRepeated(Value token)
    {
        if (token.IsNothing)
            return false;

        var text = PythonText.Repr(token);
        if (text == _landmark)
            return true;
        if (++_steps >= _power)
        {
            _landmark = text;
            _power *= 2;
            _steps = 0;
        }

        return false;
    }

    public bool IsSamePage(Page page)
    {
        if (page.Rows == 0)
            return false;

        var print = (page.Rows, Hash(page.FirstRow), Hash(page.LastRow));
        var same = _page == print;
        _page = print;

        return same;
    }

    private static int Hash(ReadOnlyMemory<byte> row)
    {
        var hash = new HashCode();
        hash.AddBytes(row.Span);

        return hash.ToHashCode();
    }
}
