using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ListBackup.Sources;

/// <summary>What a JSON number can become without a change of its value.</summary>
internal static class NumberText
{
    /// <summary>Digits that every spreadsheet keeps.</summary>
    public const int SpreadsheetDigitsMax = 15;

    /// <summary>A whole number written as one: no fraction, no exponent, and not the negative zero that an integer cannot be.</summary>
    public static bool TryInt64(ReadOnlySpan<byte> number, out long value) =>
        Utf8Parser.TryParse(number, out value, out var read) && read == number.Length && !(value == 0 && number[0] == '-');

    /// <summary>True when the double's own shortest text is the same decimal number, so that who reads it back sees the digits that the platform sent.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> number, out double value)
    {
        if (!Utf8Parser.TryParse(number, out value, out var read) || read != number.Length || !double.IsFinite(value)) return false;
        Span<byte> shortest = stackalloc byte[32];
        return value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture) && Decimal.Of(number) == Decimal.Of(shortest[..length]);
    }

    /// <summary>A spreadsheet computes with doubles and shows fifteen digits; what has more, or is out of its range, must be text.</summary>
    public static bool FitsSpreadsheet(ReadOnlySpan<byte> number) =>
        TryDouble(number, out var value) && Math.Abs(value) is 0 or (>= 1e-300 and < 1e300) && Decimal.Of(number).Digits.Length <= SpreadsheetDigitsMax;

    /// <summary>A decimal number in one spelling: digits without zeros at either end, times a power of ten.</summary>
    private readonly record struct Decimal(bool IsNegative, string Digits, long Exponent)
    {
        public static Decimal Of(ReadOnlySpan<byte> number)
        {
            var isNegative = number[0] == '-';
            if (isNegative) number = number[1..];
            var e = number.IndexOfAny((byte)'e', (byte)'E');
            // An exponent that no integer holds is far outside of every type here; such a number equals no double's text.
            var exponent = e < 0 ? 0 : long.TryParse(number[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) ? power : int.MaxValue;
            if (e >= 0) number = number[..e];
            var point = number.IndexOf((byte)'.');
            var digits = Encoding.ASCII.GetString(number).Replace(".", "", StringComparison.Ordinal);
            if (point >= 0) exponent -= digits.Length - point;
            var trimmed = digits.TrimEnd('0');
            exponent += digits.Length - trimmed.Length;
            trimmed = trimmed.TrimStart('0');
            return new(isNegative, trimmed, trimmed.Length == 0 ? 0 : exponent);
        }
    }
}
