namespace ListBackup.Accounts;

/// <summary>What the accounts service is told by its host.</summary>
/// <param name="PublicUrl">Where people open the web app, without a slash at the end; for links in mails.</param>
public sealed record AccountOptions(string PublicUrl)
{
    /// <summary>Lets webhooks reach private and loopback addresses. For self-hosters and tests; never on a shared service.</summary>
    public bool AllowPrivateNetworks { get; init; }
}
