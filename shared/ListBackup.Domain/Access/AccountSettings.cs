namespace ListBackup.Domain;

/// <summary>Settings of an account that the product itself obeys. All others mean what whoever wrote them takes them for.</summary>
public static class AccountSettings
{
    /// <summary><c>true</c>: nobody approves a restore that they planned themselves, on this account and on all below it. Taking a restore back needs no second person.</summary>
    public const string FourEyes = "restore.four-eyes";

    private const string On = "true";

    /// <summary>What is wrong with a value of a setting that is obeyed; null: nothing, or it is not such a setting.</summary>
    public static string? FaultOf(string name, string value) => name == FourEyes && value is not (On or "false") ? "Use true or false." : null;

    /// <summary>Whether the account, or one that it lies below, has the setting switched on.</summary>
    public static async Task<bool> IsOnAsync(this IItemStore items, Account account, string name, CancellationToken cancellation)
    {
        foreach (var id in account.Path.Reverse())
        {
            var settings = id == account.Id ? account.Settings : (await items.FindAsync(AccountKeys.Profile(id), AccessJson.Default.Account, cancellation))?.Value.Settings;
            if (settings is not null && settings.TryGetValue(name, out var value) && value == On) return true;
        }
        return false;
    }
}
