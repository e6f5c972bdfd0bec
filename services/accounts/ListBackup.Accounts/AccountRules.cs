using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>What the fields of account requests must be.</summary>
internal static class AccountRules
{
    private const int SettingsMax = 50;
    private const int SettingNameLengthMax = 64;
    private const int SettingValueLengthMax = 1000;

    public static string RequireName(string name, int lengthMax)
    {
        var trimmed = name.Trim();
        if (trimmed.Length == 0 || trimmed.Length > lengthMax || trimmed.Any(char.IsControl)) throw Problem.Invalid("name", $"Use 1 to {lengthMax} characters on one line.");
        return trimmed;
    }

    public static Role RequireRole(Role role, string field)
    {
        if (!Enum.IsDefined(role)) throw Problem.Invalid(field, "There is no such role; see /v1/roles.");
        return role;
    }

    /// <summary>Nobody gives or takes a role that is above their own.</summary>
    public static void RequireReach(Access access, Role role)
    {
        if (role > access.Role) throw Problem.NotAllowed($"Your role {Name(access.Role)} cannot give or take the role {Name(role)}.", "role-above-own");
    }

    public static void RequireSettings(IReadOnlyDictionary<string, string> settings)
    {
        if (settings.Count > SettingsMax) throw Problem.Invalid("settings", $"At most {SettingsMax} settings are kept.");
        foreach (var (name, value) in settings)
        {
            if (name.Length is 0 or > SettingNameLengthMax || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
                throw Problem.Invalid("settings", $"A setting's name has 1 to {SettingNameLengthMax} letters, digits, dots, dashes or underscores.");
            if (value is not null && AccountSettings.FaultOf(name, value) is { } fault) throw Problem.Invalid($"settings.{name}", fault);
            if (value is null || value.Length > SettingValueLengthMax) throw Problem.Invalid($"settings.{name}", $"Use text of at most {SettingValueLengthMax} characters.");
        }
    }

    public static string Name(Role role) => role.ToString().ToLowerInvariant();
}
