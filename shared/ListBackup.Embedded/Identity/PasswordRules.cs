using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>
/// Length instead of character classes (NIST SP 800-63B): at least 12 characters, not one of the long passwords that everybody tries first, not made of a
/// few characters, not the address itself.
/// </summary>
internal static class PasswordRules
{
    public const int LengthMin = 12;
    // Longer than any passphrase, short enough that hashing it costs what the parameters say.
    public const int LengthMax = 256;
    private const int DistinctMin = 5;

    // What heads the public lists among passwords of 12 characters and more, without digits and signs around it.
    private static readonly string[] Common =
    [
        "password", "passwordpassword", "passw", "qwertyuiop", "qwertyqwerty", "qwerty", "asdfghjkl", "asdfghjklzxcvbnm", "qwertyuiopasdfghjkl", "zxcvbnm", "iloveyou",
        "iloveyouiloveyou", "letmein", "letmeinletmein", "welcome", "welcomehome", "administrator", "admin", "adminadmin", "changeme", "changemeplease",
        "superman", "batman", "football", "baseball", "princess", "sunshine", "monkey", "dragon", "master", "trustno", "whatever", "starwars",
        "computer", "internet", "correcthorsebatterystaple", "abcdefghijkl", "abcdefghijklmnop", "abcdefghijklmnopqrstuvwxyz", "abc", "qazwsx", "qazwsxedcrfv",
        "qwerasdfzxcv", "default", "secret", "secretsecret", "listbackup", "backup", "google", "facebook", "testtest", "test", "testpassword",
        "mypassword", "newpassword", "temppassword", "temporary", "passphrase", "unbelievable", "manchesterunited", "liverpool", "chocolate",
    ];

    private static readonly HashSet<string> CommonSet = new(Common, StringComparer.Ordinal);
    private static readonly string[] Runs = ["01234567890123456789012345678901234567890", "98765432109876543210987654321098765432109876543210"];

    /// <exception cref="Problem">Invalid: says what to do.</exception>
    public static void Check(string password, string email, string field)
    {
        if (Refuse(password, EmailAddress.Normalize(email)) is { } why) throw Problem.Invalid(field, why);
    }

    private static string? Refuse(string password, string email)
    {
        if (password.Length < LengthMin) return $"Use at least {LengthMin} characters. A few words that do not belong together are easy to remember.";
        if (password.Length > LengthMax) return $"Use at most {LengthMax} characters.";
        var lower = password.ToLowerInvariant();
        if (lower.Distinct().Count() < DistinctMin) return $"Use at least {DistinctMin} different characters.";
        if (Runs.Any(run => run.Contains(lower, StringComparison.Ordinal)) || CommonSet.Contains(Core(lower)))
            return "This password is among the first that are tried everywhere. Choose another.";
        if (lower == email || Core(lower) == Core(email.Split('@')[0])) return "Do not use your e-mail address as your password.";
        return null;
    }

    /// <summary>The letters in the middle: without the digits and signs around them, and with the usual digits read as the letters they stand for.</summary>
    private static string Core(string lower)
    {
        string[] candidates = [Letters(lower), Read(Letters(lower)), Letters(Read(lower))];
        return candidates.FirstOrDefault(CommonSet.Contains) ?? candidates[0];

        static string Read(string text) =>
            text.Replace('@', 'a').Replace('0', 'o').Replace('3', 'e').Replace('$', 's').Replace('5', 's').Replace('1', 'i').Replace('!', 'i');

        static string Letters(string text)
        {
            var start = 0;
            var end = text.Length;
            while (start < end && !char.IsAsciiLetter(text[start])) start++;
            while (end > start && !char.IsAsciiLetter(text[end - 1])) end--;
            return text[start..end];
        }
    }
}
