using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Paging;

/// <summary>
/// Notices that a platform goes in circles, in constant memory: tokens by Brent's method (a circle of any length is found within a few of its rounds),
/// and a platform that ignores the page number by the same full page coming twice. What it remembers goes with the position of a read, so that a read
/// which is stopped after every page ends as well.
/// </summary>
internal sealed class Repetition
{
    private ulong _landmark;
    private long _steps;
    private long _power = 1;
    private ulong _page;

    public bool IsRepeated(Value token)
    {
        if (token.IsNothing)
            return false;

        var hash = Fnv.Of(Encoding.UTF8.GetBytes(PythonText.Repr(token)));
        if (hash == _landmark)
            return true;
        if (++_steps >= _power)
        {
            _landmark = hash;
            _power *= 2;
            _steps = 0;
        }

        return false;
    }

    public bool IsSamePage(Page page)
    {
        if (page.Rows == 0)
            return false;

        var print = new Fnv();
        print.Add(BitConverter.GetBytes(page.Rows));
        print.Add(page.FirstRow.Span);
        print.Add(page.LastRow.Span);
        var same = _page == print.Value;
        _page = print.Value;

        return same;
    }

    /// <summary>Stands for all rows of a page that came in one piece, so that a page that came again can be left out without looking at it any closer.</summary>
    public static string Digest(Page page)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in page.PartRows)
        {
            hash.AppendData(row.Span);
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    public Value ToValue() => Value.Of(
        [Spelled(_landmark), Value.Of(_steps), Value.Of(_power), Spelled(_page)]);

    public void Restore(Value value)
    {
        if (value is not { Kind: ValueKind.List, List.Count: 4 } || value.List[1] is not { IsSmallInteger: true } steps || value.List[2] is not { IsSmallInteger: true, Long: > 0 } power)
            return;

        (_landmark, _steps, _power, _page) = (Hash(value.List[0]), steps.Long, power.Long, Hash(value.List[3]));
    }

    private static Value Spelled(ulong hash) => Value.Of(hash.ToString("x", CultureInfo.InvariantCulture));

    private static ulong Hash(Value value) =>
        value.IsText && ulong.TryParse(value.Text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hash) ? hash : 0;
}
