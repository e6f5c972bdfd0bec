using ListBackup.Domain;

namespace ListBackup.Auth;

/// <summary>What every field of an auth request must be before anything is looked up.</summary>
internal static class AuthRules
{
    // Longer than any password that is accepted; a longer one is refused without hashing it.
    private const int PasswordLengthMax = 1024;
    private const int CodeLengthMax = 64;

    public static void RequireEmail(string email)
    {
        if (!EmailAddress.IsValid(email)) throw Problem.Invalid("email", "This is not an e-mail address.");
    }

    /// <summary>For passwords that are compared, not set: only that there is one.</summary>
    public static void RequirePassword(string password, string field)
    {
        if (password.Length is 0 or > PasswordLengthMax) throw Problem.Invalid(field, "Enter your password.");
    }

    public static void RequireCode(string code)
    {
        if (code.Trim().Length is 0 or > CodeLengthMax) throw Problem.Invalid("code", "Enter the code.");
    }

    public static string RequireName(string name, string field, int lengthMax)
    {
        var trimmed = name.Trim();
        if (trimmed.Length == 0 || trimmed.Length > lengthMax || trimmed.Any(char.IsControl)) throw Problem.Invalid(field, $"Use 1 to {lengthMax} characters on one line.");
        return trimmed;
    }
}
