namespace ListBackup.Host.Tests;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_any_setting_it_listens_on_loopback_only()
    {
        var settings = Read([], []);

        settings.Listen.ShouldBe("localhost");
        settings.Port.ShouldBe(8080);
        settings.Data.ShouldBe(Path.Combine(_folder.Path, "data"));
        settings.AllowPrivateNetworks.ShouldBeFalse();
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        Write("""{ "port": 1, "logFormat": "json", "logLevel": "error" }""");

        var settings = Read(["--port", "3"], new() { ["LISTBACKUP_PORT"] = "2", ["LISTBACKUP_LOG_LEVEL"] = "warning" });

        settings.Port.ShouldBe(3);
        settings.LogLevel.ShouldBe(LogLevel.Warning);
        settings.LogFormat.ShouldBe(LogFormat.Json);
    }

    [Theory]
    [InlineData("--prot", "--prot")]
    [InlineData("--port", "needs a value")]
    [InlineData("--port=x", "port is 'x'")]
    [InlineData("--port=65536", "0 to 65535")]
    [InlineData("--listen=nowhere", "listen is 'nowhere'")]
    [InlineData("--url=backup.example.com", "url is")]
    [InlineData("--url=https://backup.example.com/path", "without a path")]
    [InlineData("--log-format=xml", "plain, json")]
    [InlineData("--allow-private-networks=perhaps", "true, false")]
    [InlineData("--web=/does/not/exist", "no such folder")]
    [InlineData("--mail-password=x", "show a secret")]
    public void A_wrong_argument_is_refused_with_what_would_be_right(string argument, string expected) =>
        Refusal(() => Read([argument], [])).ShouldContain(expected);

    [Fact]
    public void An_argument_given_twice_is_refused() => Refusal(() => Read(["--port", "1", "--port", "2"], [])).ShouldContain("twice");

    [Fact]
    public void An_unknown_variable_is_refused_by_its_name() =>
        Refusal(() => Read([], new() { ["LISTBACKUP_PROT"] = "1" })).ShouldContain("LISTBACKUP_PROT");

    [Theory]
    [InlineData("""{ "prot": 1 }""", "prot")]
    [InlineData("""{ "port": [1] }""", "port has to be")]
    [InlineData("""{ "port": 1, "port": 2 }""", "twice")]
    [InlineData("""{ "mail": { "host": "h" } }""", "mail.host")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{ \"mailPassword\": hunter2 }", "not JSON (line 1)")]
    public void A_wrong_file_is_refused_and_never_quoted(string file, string expected)
    {
        Write(file);

        var message = Refusal(() => Read([], []));

        message.ShouldContain(expected);
        message.ShouldNotContain("hunter2");
    }

    [Fact]
    public void A_named_file_that_is_missing_is_refused() => Refusal(() => Read(["--settings", "other.json"], [])).ShouldContain("does not exist");

    [Fact]
    public void OAuth_clients_come_in_pairs_from_file_or_environment()
    {
        Write("""{ "oauth": { "mailchimp": { "clientId": "m", "clientSecret": "s" } } }""");

        var settings = Read([], new() { ["LISTBACKUP_OAUTH_CAMPAIGN_MONITOR_CLIENT_ID"] = "c", ["LISTBACKUP_OAUTH_CAMPAIGN_MONITOR_CLIENT_SECRET"] = "t" });

        settings.OAuth["mailchimp"].ClientId.ShouldBe("m");
        settings.OAuth["campaign-monitor"].ClientSecret.ShouldBe("t");
        Refusal(() => Read([], new() { ["LISTBACKUP_OAUTH_KEAP_CLIENT_ID"] = "c" })).ShouldContain("oauth.keap lacks its clientSecret");
    }

    [Fact]
    public void Mail_settings_go_together()
    {
        Refusal(() => Read([], new() { ["LISTBACKUP_MAIL_HOST"] = "h" })).ShouldContain("mailFrom");
        Refusal(() => Read([], new() { ["LISTBACKUP_MAIL_FROM"] = "a@b.example" })).ShouldContain("mailHost");
        Refusal(() => Read([], new() { ["LISTBACKUP_MAIL_HOST"] = "h", ["LISTBACKUP_MAIL_FROM"] = "a@b.example", ["LISTBACKUP_MAIL_USER"] = "u" })).ShouldContain("together");
    }

    [Fact]
    public void Settings_with_secrets_do_not_print_them()
    {
        var settings = Read([], new()
        {
            ["LISTBACKUP_MAIL_HOST"] = "h", ["LISTBACKUP_MAIL_FROM"] = "a@b.example", ["LISTBACKUP_MAIL_USER"] = "u", ["LISTBACKUP_MAIL_PASSWORD"] = "hunter2",
            ["LISTBACKUP_OAUTH_KEAP_CLIENT_ID"] = "c", ["LISTBACKUP_OAUTH_KEAP_CLIENT_SECRET"] = "hunter3",
        });

        $"{settings} {settings.Mail} {settings.OAuth["keap"]}".ShouldNotContain("hunter");
    }

    [Fact]
    public void Every_setting_is_in_the_guide_with_its_default()
    {
        var guide = File.ReadAllText(Path.Combine(BuildOutput.Root, "docs", "guide", "settings.md"));

        foreach (var setting in SettingCatalogue.All)
        {
            var row = $"| `{setting.Name}` | `{setting.EnvironmentName}` | {(setting.Default is null ? "" : $"`{setting.Default}`")} | {setting.Meaning} |";
            guide.ShouldContain(row, Case.Sensitive, "docs/guide/settings.md has to have this row");
        }
    }

    private HostSettings Read(string[] arguments, Dictionary<string, string> environment) => SettingsReader.Read(arguments, environment, _folder.Path);

    private static string Refusal(Func<HostSettings> read)
    {
        var message = Should.Throw<SettingsException>(read).Message;
        message.ShouldNotContain('\n');
        return message;
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder.Path, SettingsReader.FileName), text);
}
