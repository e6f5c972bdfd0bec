using System.Text;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>
/// The texts of <c>oauth_connector_input_specification</c>: <c>{{ name }}</c> and <c>{{ {{ name }} | filter }}</c>, where a name is one of the flow's
/// own (<c>client_id_value</c>, <c>state_key</c>) or a field that the person filled in.
/// </summary>
internal sealed partial class FlowText(ValueMap input, IReadOnlyDictionary<string, FieldPath> userInputs)
{
    /// <summary>An address: what a person filled in becomes an expression over the configuration.</summary>
    public string Url(string text)
    {
        var url = new StringBuilder();
        var rest = text;
        for (var match = PlaceholderPattern().Match(rest); match.Success; match = PlaceholderPattern().Match(rest))
        {
            url.Append(rest, 0, match.Index).Append(FromConfig(match.Groups["name"].Value, text));
            rest = rest[(match.Index + match.Length)..];
        }

        return rest.Contains("{{", StringComparison.Ordinal) ? throw NotKnown(text) : url.Append(rest).ToString();
    }

    /// <summary>The name of a parameter: constant, or one of the flow's keys.</summary>
    public string Name(string text)
    {
        if (!text.Contains("{{", StringComparison.Ordinal))
            return text;
        var name = Whole(text).Name;

        return input[name] is { IsText: true, Text.Length: > 0 } overridden ? overridden.Text : name switch
        {
            "client_id_key" => "client_id",
            "client_secret_key" => "client_secret",
            "scope_key" => "scope",
            "state_key" => "state",
            "auth_code_key" => "code",
            "redirect_uri_key" => "redirect_uri",
            _ => throw NotKnown(text),
        };
    }

    /// <summary>The value of a parameter.</summary>
    public OAuthField Field(string text)
    {
        if (!text.Contains("{{", StringComparison.Ordinal))
            return new OAuthField(OAuthFieldKind.Constant, text);
        var (name, filter) = Whole(text);

        return (name, filter) switch
        {
            ("client_id_value", _) => new OAuthField(OAuthFieldKind.ClientId),
            ("client_secret_value", _) => new OAuthField(OAuthFieldKind.ClientSecret),
            ("redirect_uri_value", _) => new OAuthField(OAuthFieldKind.RedirectUri),
            ("scope_value" or "scopes_value", _) => new OAuthField(OAuthFieldKind.Scope),
            ("auth_code_value", _) => new OAuthField(OAuthFieldKind.Code),

            // The language takes the state for the proof key. Ours are two, which is safer and looks the same to the platform.
            ("state_value", "codechallenges256") => new OAuthField(OAuthFieldKind.Challenge),
            ("state_value", _) => new OAuthField(OAuthFieldKind.State),
            ("state_verifier_value" or "code_verifier_value", _) => new OAuthField(OAuthFieldKind.Verifier),
            _ when name.EndsWith("_key", StringComparison.Ordinal) && input[name] is { IsText: true } key => new OAuthField(OAuthFieldKind.Constant, key.Text),
            _ => new OAuthField(OAuthFieldKind.Constant, FromConfig(name, text)),
        };
    }

    /// <summary>The header that brings id and secret of the client as basic authentication.</summary>
    public static bool IsBasic(string text) =>
        text.StartsWith("Basic", StringComparison.OrdinalIgnoreCase) && text.Contains("client_id_value", StringComparison.Ordinal) && text.Contains("client_secret_value", StringComparison.Ordinal)
        && text.Contains("base64", StringComparison.OrdinalIgnoreCase);

    private string FromConfig(string name, string text)
    {
        if (name.EndsWith("_value", StringComparison.Ordinal))
            throw NotKnown(text);
        var path = userInputs.TryGetValue(name, out var declared) ? declared.Keys : name.Split('.');

        return path.All(key => KeyPattern().IsMatch(key)) ? $"{{{{ config{string.Concat(path.Select(key => $"['{key}']"))} }}}}" : throw NotKnown(text);
    }

    private static (string Name, string Filter) Whole(string text)
    {
        var match = WholePattern().Match(text);

        return match.Success ? (match.Groups["name"].Value, match.Groups["filter"].Value.ToLowerInvariant()) : throw NotKnown(text);
    }

    private static FormatException NotKnown(string text) => new($"'{(text.Length > 100 ? text[..100] + "…" : text)}' asks for something that is not known.");

    [GeneratedRegex(@"\{\{\s*(\{\{\s*(?<name>[\w.]+)\s*\}\}|(?<name>[\w.]+))\s*(\|\s*\w+\s*)?\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex PlaceholderPattern();

    [GeneratedRegex(@"^\s*\{\{\s*(\{\{\s*(?<name>[\w.]+)\s*\}\}|(?<name>[\w.]+))\s*(\|\s*(?<filter>\w+)\s*)?\}\}\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex WholePattern();

    [GeneratedRegex(@"^[\w -]+$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();
}
