namespace ListBackup.Host;

/// <summary>What <c>--help</c> prints, from the same catalogue that reads the settings.</summary>
internal static class Usage
{
    public static string Text => $"""
        ListBackup: API, web app and background work in one process.

        usage: scripts/run [--demo] [--NAME VALUE]…

        {string.Join('\n', SettingCatalogue.All.Where(s => !s.Secret).Select(Line))}
          {"--settings FILE",-28} Settings file; default: {SettingsReader.FileName} in the working folder, if there is one.

        Each can be set in the environment too ({SettingCatalogue.EnvironmentPrefix}PORT, {SettingCatalogue.EnvironmentPrefix}LOG_FORMAT …), secrets only there or in the file.
        See docs/guide/settings.md.
        """;

    private static string Line(Setting setting) =>
        $"  {setting.ArgumentName + " VALUE",-28} {setting.Meaning.Replace("`", "")}{(setting.Default is null ? "" : $" Default: {setting.Default}.")}";
}
