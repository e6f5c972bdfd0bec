using System.Globalization;
using System.Numerics;
using System.Text;

namespace ListBackup.Vault.Reading;

/// <summary>A place in the order of a stream's records, independent of how many groups a snapshot is read in: the leading bits of the key's hash, then the key.</summary>
internal static class RecordCursor
{
    private const int PlaceBits = 32;

    public static int GroupAt(uint place, int groupCount) => (int)((ulong)place >> (PlaceBits - BitOperations.Log2((uint)groupCount)));

    public static string Write(uint place, string key) => $"{place:x8}.{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(key))}";

    public static (uint Place, string? Key) Parse(string? cursor)
    {
        if (cursor is null) return (0, null);
        try
        {
            if (cursor.Length > 8 && cursor[8] == '.')
                return (uint.Parse(cursor.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), Encoding.UTF8.GetString(Convert.FromHexString(cursor.AsSpan(9))));
        }
        catch (FormatException)
        {
            // Refused below.
        }

        throw new ArgumentException("The cursor is none that a page returned.", nameof(cursor));
    }
}
