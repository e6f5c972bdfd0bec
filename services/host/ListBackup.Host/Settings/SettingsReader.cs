using System.Net;
using System.Text.Json;

namespace ListBackup.Host;

/// <summary>Reads settings: the command line wins over the environment, that over listbackup.json, that over the defaults.</summary>
public static class SettingsReader
{
    public const string FileName = "listbackup.json";

    // A settings file is a screen of text; anything larger is the wrong file.
    private const int FileBytesMax = 256 * 1024;
    private const string FileVariable = "LISTBACKUP_SETTINGS";
    private const string FileArgument = "--settings";

    /// <exception cref="SettingsException">A setting is unknown, given twice, or has a value that cannot be used.</exception>
    public static HostSettings Read(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string workingFolder)
    {
        var given = FromArguments(arguments);
        var values = FromFile(given.File ?? environment.GetValueOrDefault(FileVariable), workingFolder);
        foreach (var (name, value) in FromEnvironment(environment)) values[name] = value;
        foreach (var (name, value) in given.Values) values[name] = value;
        return Check(values, workingFolder);
    }

    private static (Dictionary<string, string> Values, string? File) FromArguments(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        string? file = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = arguments[i].IndexOf('=', StringComparison.Ordinal) is var at and > 0
                ? (arguments[i][..at], arguments[i][(at + 1)..])
                : (arguments[i], i + 1 < arguments.Count ? arguments[++i] : throw new SettingsException(Known(arguments[i])
                    ? $"{arguments[i]} needs a value."
                    : $"The argument {arguments[i]} is not known; see --help."));
            if (name == FileArgument) file = value;
            else if (Array.Find([.. SettingCatalogue.All], s => s.ArgumentName == name) is not { } setting)
                throw new SettingsException($"The argument {name} is not known; see --help.");
            else if (setting.Secret)
                throw new SettingsException($"{name} would show a secret to everyone on this machine; use {setting.EnvironmentName} or {FileName}.");
            else if (!values.TryAdd(setting.Name, value)) throw new SettingsException($"{name} is given twice.");
        }
        return (values, file);

        static bool Known(string name) => name == FileArgument || SettingCatalogue.All.Any(s => s.ArgumentName == name);
    }

    private static Dictionary<string, string> FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (variable, value) in environment.Where(v => v.Key.StartsWith(SettingCatalogue.EnvironmentPrefix, StringComparison.Ordinal) && !v.Key.StartsWith(SettingCatalogue.CommandLinePrefix, StringComparison.Ordinal)))
        {
            if (variable == FileVariable || value.Length == 0) continue;
            var name = SettingCatalogue.All.FirstOrDefault(s => s.EnvironmentName == variable)?.Name ?? OAuthName(variable)
                ?? throw new SettingsException($"The environment variable {variable} is not a setting; see docs/guide/settings.md.");
            values[name] = value;
        }
        return values;
    }

    /// <summary><c>LISTBACKUP_OAUTH_CAMPAIGN_MONITOR_CLIENT_ID</c> → <c>oauth.campaign-monitor.clientId</c>.</summary>
    private static string? OAuthName(string variable)
    {
        const string prefix = SettingCatalogue.EnvironmentPrefix + "OAUTH_";
        if (!variable.StartsWith(prefix, StringComparison.Ordinal)) return null;
        foreach (var (suffix, field) in (ReadOnlySpan<(string, string)>)[("_CLIENT_ID", "clientId"), ("_CLIENT_SECRET", "clientSecret")])
        {
            if (variable.EndsWith(suffix, StringComparison.Ordinal) && variable.Length > prefix.Length + suffix.Length)
                return $"{SettingCatalogue.OAuthPrefix}{variable[prefix.Length..^suffix.Length].ToLowerInvariant().Replace('_', '-')}.{field}";
        }
        return null;
    }

    private static Dictionary<string, string> FromFile(string? named, string workingFolder)
    {
        var path = Path.Combine(workingFolder, named ?? FileName);
        if (!File.Exists(path))
            return named is null ? new(StringComparer.Ordinal) : throw new SettingsException($"The settings file {path} does not exist.");
        try
        {
            if (new FileInfo(path).Length > FileBytesMax) throw new SettingsException($"{path} is too large to be a settings file.");
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json.RootElement.ValueKind != JsonValueKind.Object) throw new SettingsException($"{path} is not a JSON object.");
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            Flatten(json.RootElement, "", values, path);
            foreach (var name in values.Keys)
            {
                if (!SettingCatalogue.All.Any(s => s.Name == name) && !IsOAuth(name))
                    throw new SettingsException($"{path} has a setting that is not known: {name}; see docs/guide/settings.md.");
            }
            return values;
        }
        catch (JsonException malformed)
        {
            // The parser's own message may quote the text, and the text may hold a password.
            throw new SettingsException($"{path} is not JSON (line {(malformed.LineNumber ?? 0) + 1}).");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{path} cannot be read: {unreadable.Message}");
        }
    }

    private static void Flatten(JsonElement element, string prefix, Dictionary<string, string> values, string path)
    {
        foreach (var property in element.EnumerateObject())
        {
            var name = prefix + property.Name;
            if (property.Value.ValueKind == JsonValueKind.Object) Flatten(property.Value, name + ".", values, path);
            else if (property.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Null) throw new SettingsException($"{path}: {name} has to be a text, a number, true or false.");
            else if (!values.TryAdd(name, property.Value.ToString().Trim())) throw new SettingsException($"{path}: {name} is given twice.");
        }
    }

    private static bool IsOAuth(string name) =>
        name.StartsWith(SettingCatalogue.OAuthPrefix, StringComparison.Ordinal)
        && name.Split('.') is [_, { Length: > 0 }, "clientId" or "clientSecret"];

    private static HostSettings Check(Dictionary<string, string> values, string workingFolder)
    {
        string? Find(string name) => values.GetValueOrDefault(name) ?? SettingCatalogue.All.Single(s => s.Name == name).Default;
        string Get(string name) => Find(name)!; // Only asked for settings that have a default.

        return new()
        {
            Listen = Address(Get("listen")),
            Port = Number("port", Get("port"), 0, 65535),
            Data = Path.GetFullPath(Get("data"), workingFolder),
            Url = Find("url") is { } url ? Url(url) : null,
            LogFormat = OneOf("logFormat", Get("logFormat"), ("plain", LogFormat.Plain), ("json", LogFormat.Json)),
            LogLevel = OneOf("logLevel", Get("logLevel"),
                ("debug", LogLevel.Debug), ("information", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error)),
            AllowPrivateNetworks = YesNo("allowPrivateNetworks", Get("allowPrivateNetworks")),
            TrustProxy = YesNo("trustProxy", Get("trustProxy")),
            RateLimit = new()
            {
                Burst = Number("rateLimitBurst", Get("rateLimitBurst"), 1, 1_000_000),
                PerSecond = Number("rateLimitPerSecond", Get("rateLimitPerSecond"), 1, 1_000_000),
            },
            Connectors = Folder("connectors", Find("connectors"), workingFolder),
            Web = Folder("web", Find("web"), workingFolder),
            ExportFolder = Find("exportFolder") is { } exports ? Path.GetFullPath(exports, workingFolder) : null,
            Mail = Mail(Find),
            OAuth = OAuthClients(values),
        };
    }

    private static string Address(string text) => text is "localhost" or "any" || IPAddress.TryParse(text, out _)
        ? text
        : throw new SettingsException($"listen is '{text}'; it has to be localhost, any, or an IP address.");

    private static int Number(string name, string text, int min, int max) => int.TryParse(text, out var number) && number >= min && number <= max
        ? number
        : throw new SettingsException($"{name} is '{text}'; it has to be a number from {min} to {max}.");

    private static bool YesNo(string name, string text) => OneOf(name, text.ToLowerInvariant(), ("true", true), ("false", false));

    private static T OneOf<T>(string name, string text, params (string Text, T Value)[] choices)
    {
        foreach (var choice in choices)
        {
            if (choice.Text == text) return choice.Value;
        }
        throw new SettingsException($"{name} is '{text}'; it has to be one of: {string.Join(", ", choices.Select(c => c.Text))}.");
    }

    private static Uri Url(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" }
            ? url
            : throw new SettingsException($"url is '{text}'; it has to be like https://backup.example.com, without a path.");

    private static string? Folder(string name, string? text, string workingFolder)
    {
        if (text is null) return null;
        var path = Path.GetFullPath(text, workingFolder);
        return Directory.Exists(path) ? path : throw new SettingsException($"{name} is '{text}', and there is no such folder.");
    }

    private static MailSettings? Mail(Func<string, string?> find)
    {
        var port = Number("mailPort", find("mailPort")!, 1, 65535); // mailPort has a default.
        if (find("mailHost") is not { } host)
        {
            return find("mailUser") is null && find("mailPassword") is null && find("mailFrom") is null
                ? null
                : throw new SettingsException("mailUser, mailPassword and mailFrom need a mailHost.");
        }
        var from = find("mailFrom") ?? throw new SettingsException("mailHost needs a mailFrom, the sender's address.");
        if ((find("mailUser") is null) != (find("mailPassword") is null)) throw new SettingsException("mailUser and mailPassword go together.");
        return new(host, port, find("mailUser"), find("mailPassword"), from);
    }

    private static Dictionary<string, OAuthClientSettings> OAuthClients(Dictionary<string, string> values) => values
        .Where(v => IsOAuth(v.Key))
        .GroupBy(v => v.Key.Split('.')[1], StringComparer.Ordinal)
        .ToDictionary(
            platform => platform.Key,
            platform => new OAuthClientSettings(
                platform.FirstOrDefault(v => v.Key.EndsWith(".clientId", StringComparison.Ordinal)).Value ?? throw new SettingsException($"oauth.{platform.Key} lacks its clientId."),
                platform.FirstOrDefault(v => v.Key.EndsWith(".clientSecret", StringComparison.Ordinal)).Value ?? throw new SettingsException($"oauth.{platform.Key} lacks its clientSecret.")),
            StringComparer.Ordinal);
}
