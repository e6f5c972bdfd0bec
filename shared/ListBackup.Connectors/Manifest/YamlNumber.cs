using System.Globalization;
using System.Numerics;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>
/// Numbers of YAML 1.1. Looked at character by character: one regular expression at the start of a process costs as much as reading a manifest.
/// </summary>
internal static class YamlNumber
{
    /// <summary>A longer one is a text.</summary>
    private const int IntegerCharactersMax = 400;

    private const int HexDigitsMax = 64;

    /// <returns>Null when the text is no number.</returns>
    public static Value? Read(string text)
    {
        var isNegative = text.StartsWith('-');
        var unsigned = text.AsSpan(isNegative || text.StartsWith('+') ? 1 : 0);

        // Nearly every text begins like no number.
        if (unsigned.IsEmpty || (!char.IsAsciiDigit(unsigned[0]) && unsigned[0] != '.'))
            return null;
        if (IsInteger(unsigned) && text.Length < IntegerCharactersMax)
            return Integer(Plain(unsigned), isNegative);
        if (text.StartsWith("0x", StringComparison.Ordinal) && text.Length is > 2 and <= HexDigitsMax + 2 && text.Skip(2).All(char.IsAsciiHexDigit))
            return Value.Of(BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

        return IsFloat(unsigned) ? Value.Of(double.Parse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), text) : null;
    }

    /// <summary><c>0</c>, or digits that begin with another one; or digits of an octal number behind a zero.</summary>
    private static bool IsInteger(ReadOnlySpan<char> text)
    {
        if (text is "0")
            return true;
        var last = text[0] == '0' ? '7' : '9';

        return text.Length > (text[0] == '0' ? 1 : 0) && text[0] != '.' && Run(text, last) == text.Length;
    }

    private static Value Integer(string digits, bool isNegative)
    {
        if (digits.Length > 1 && digits[0] == '0')
            return Value.Of(digits.Aggregate(BigInteger.Zero, (number, digit) => (number * 8) + (digit - '0')) * (isNegative ? -1 : 1));
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var small))
            return Value.Of(isNegative ? -small : small);

        return Value.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture) * (isNegative ? -1 : 1));
    }

    /// <summary>It has a point, digits on one side of it at least, and maybe an exponent with its sign.</summary>
    private static bool IsFloat(ReadOnlySpan<char> text)
    {
        var whole = Run(text);
        if (text[whole..] is not ['.', .. var fraction] || (whole == 0 && fraction is not [>= '0' and <= '9', ..]))
            return false;
        var exponent = fraction[Run(fraction)..];

        return exponent.IsEmpty || (exponent is ['e' or 'E', '-' or '+', _, ..] && !exponent[2..].ContainsAnyExceptInRange('0', '9'));
    }

    /// <summary>How many digits and underscores the text begins with.</summary>
    private static int Run(ReadOnlySpan<char> text, char last = '9')
    {
        var count = 0;
        while (count < text.Length && (text[count] == '_' || (text[count] >= '0' && text[count] <= last)))
            count++;

        return count;
    }

    private static string Plain(ReadOnlySpan<char> digits) => digits.ToString().Replace("_", "", StringComparison.Ordinal);
}
