using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>The rule for names that people give.</summary>
internal static class Names
{
    public static string Check(string? name, int lengthMax) =>
        name?.Trim() is { Length: > 0 } trimmed && trimmed.Length <= lengthMax && !trimmed.Any(char.IsControl)
            ? trimmed
            : throw Problem.Invalid("name", $"A name has 1 to {lengthMax} characters and no control characters.");

    /// <summary>How a caller is named in the activity log.</summary>
    public static string Actor(this Caller caller) => caller.ApiKeyId?.ToString() ?? caller.UserId.ToString();
}
