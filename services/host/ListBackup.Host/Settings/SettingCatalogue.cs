namespace ListBackup.Host;

/// <summary>One setting: its name in listbackup.json, from which the names in the environment and on the command line follow.</summary>
public sealed record Setting(string Name, string? Default, string Meaning, bool Secret = false)
{
    /// <summary><c>logFormat</c> → <c>LISTBACKUP_LOG_FORMAT</c>.</summary>
    public string EnvironmentName => SettingCatalogue.EnvironmentPrefix + string.Concat(Words.Select((word, i) => (i == 0 ? "" : "_") + word.ToUpperInvariant()));

    /// <summary><c>logFormat</c> → <c>--log-format</c>.</summary>
    public string ArgumentName => "--" + string.Join('-', Words.Select(word => word.ToLowerInvariant()));

    private IEnumerable<string> Words
    {
        get
        {
            for (var (start, i) = (0, 1); i <= Name.Length; i++)
            {
                if (i < Name.Length && !char.IsUpper(Name[i])) continue;
                yield return Name[start..i];
                start = i;
            }
        }
    }
}

/// <summary>Every setting there is. What is not here is refused, so that a typing error never silently changes nothing.</summary>
public static class SettingCatalogue
{
    public const string EnvironmentPrefix = "LISTBACKUP_";

    /// <summary>Variables of the command line on the same machine; none of the Host's.</summary>
    public const string CommandLinePrefix = "LISTBACKUP_CLI_";

    public static IReadOnlyList<Setting> All { get; } =
    [
        new("listen", "localhost", "Address to listen on: `localhost`, `any`, or an IP address."),
        new("port", "8080", "TCP port, 0 to 65535; 0 takes a free one."),
        new("data", "data", "Folder of everything that this installation keeps; relative to the working folder."),
        new("url", null, "Address by which people and platforms reach this installation, such as `https://backup.example.com`. Default: where it listens."),
        new("logFormat", "plain", "`plain` for people, `json` for machines."),
        new("logLevel", "information", "`debug`, `information`, `warning` or `error`."),
        new("allowPrivateNetworks", "false", "`true` lets connections reach private, loopback and link-local addresses."),
        new("trustProxy", "false", "`true` takes the asker's address and scheme from the headers of a reverse proxy on this machine."),
        new("rateLimitBurst", "1000", "Requests that one caller may send at once."),
        new("rateLimitPerSecond", "100", "Requests per second that one caller may send on and on."),
        new("connectors", null, "Folder of connectors. Default: the one that comes with the program."),
        new("web", null, "Folder of the exported web app. Default: the one that comes with the program."),
        new("exportFolder", null, "Folder below which planned exports may be laid, each account's in its own. Without one they go to buckets only."),
        new("mailHost", null, "SMTP server. Without one, messages are only written to the folder `outbox` of the data folder."),
        new("mailPort", "587", "Its port; 465 speaks TLS at once, others upgrade."),
        new("mailUser", null, "User name at the SMTP server."),
        new("mailPassword", null, "Password at the SMTP server.", Secret: true),
        new("mailFrom", null, "Sender address of messages; needed with `mailHost`."),
    ];

    /// <summary>Besides those: <c>oauth.PLATFORM.clientId</c> and <c>.clientSecret</c> (LISTBACKUP_OAUTH_PLATFORM_CLIENT_ID, …_CLIENT_SECRET).</summary>
    public const string OAuthPrefix = "oauth.";
}
