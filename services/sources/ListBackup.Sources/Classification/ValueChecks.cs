using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ListBackup.Sources;

/// <summary>
/// Texts that are personal wherever they stand. Only what is told from other texts with near certainty: forms with check digits, or with a mark that nothing else has. A telephone number without
/// its plus, or a card's number without its gaps, is as likely an order's; there the field's name or a person decides.
/// </summary>
internal static partial class ValueChecks
{
    private const int LengthMax = 320;
    private const int IbanLengthMin = 15;
    private const int IbanLengthMax = 34;

    public static DataClass? ClassOf(string text)
    {
        if (text.Length is < 6 or > LengthMax) return null;
        if (IsEmail(text) || IsTelephone(text) || IsIban(text) || IsAddress(text)) return DataClass.Personal;
        return IsCard(text) ? DataClass.Sensitive : null;
    }

    public static bool IsEmail(string text) => text.Length <= LengthMax && text.Contains('@') && Email().IsMatch(text);

    /// <summary>International form (ITU-T E.123): a plus and 8 to 15 digits in groups.</summary>
    public static bool IsTelephone(string text) => text[0] == '+' && Telephone().IsMatch(text) && text.Count(char.IsAsciiDigit) is >= 8 and <= 15;

    /// <summary>ISO 13616: the country and two check digits, so that the whole, turned, leaves 1 when divided by 97.</summary>
    public static bool IsIban(string text)
    {
        if (!char.IsAsciiLetterUpper(text[0]) || !char.IsAsciiLetterUpper(text[1])) return false;
        var plain = text.Replace(" ", "", StringComparison.Ordinal);
        if (plain.Length is < IbanLengthMin or > IbanLengthMax || !plain.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)) || !char.IsAsciiDigit(plain[2]) || !char.IsAsciiDigit(plain[3])) return false;
        var rest = 0;
        foreach (var c in plain[4..] + plain[..4]) rest = char.IsAsciiDigit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
        return rest == 1;
    }

    /// <summary>An address of the internet, as opt-ins and orders keep it. Four numbers of one digit are a version.</summary>
    public static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 ? text.Count(c => c == ':') >= 2 : text.Count(c => c == '.') == 3 && text.Length > 7);

    /// <summary>A payment card's number in its usual gaps, with its check digit (ISO/IEC 7812-1, annex B).</summary>
    public static bool IsCard(string text)
    {
        if (!Card().IsMatch(text)) return false;
        var (sum, isDoubled) = (0, false);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i])) continue;
            var digit = (text[i] - '0') * (isDoubled ? 2 : 1);
            sum += digit > 9 ? digit - 9 : digit;
            isDoubled = !isDoubled;
        }
        return sum % 10 == 0;
    }

    [GeneratedRegex(@"^\s*[^@\s""<>(),;:]+@[^@\s""<>(),;:]+\.[^@\s""<>(),;:.]+\s*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"^\+[1-9][0-9 ()./-]{6,24}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Telephone();

    [GeneratedRegex(@"^(?:[2-6][0-9]{3}(?:[ -][0-9]{4}){3}|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Card();
}
