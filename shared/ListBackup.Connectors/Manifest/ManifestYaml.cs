using ListBackup.Connectors.Expressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;
using Value = ListBackup.Connectors.Expressions.Value;

namespace ListBackup.Connectors.Manifest;

/// <summary>YAML text → values, by the rules of YAML 1.1 that manifests were written for. Bounded in depth and size; aliases share, they never copy.</summary>
internal static class ManifestYaml
{
    /// <exception cref="ManifestException">The text is no YAML, or more of it than a manifest needs.</exception>
    public static Value Parse(string yaml)
    {
        try
        {
            return new YamlReader(yaml).Document();
        }
        catch (YamlException exception)
        {
            throw new ManifestException($"line {exception.Start.Line}", "", "The text is not valid YAML.");
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The scanner's own way to give up on some broken texts.
            throw new ManifestException("", "", "The text is not valid YAML.");
        }
    }

    /// <summary>YAML 1.1: yes and no are booleans, 0o17 and 017 are octal. Dates stay texts, which is all that a manifest does with them.</summary>
    public static Value Scalar(string text, ScalarStyle style, Tag? tag)
    {
        if (style != ScalarStyle.Plain || tag is { Handle: "!!", Suffix: "str" } || tag?.Suffix.EndsWith(":str", StringComparison.Ordinal) == true)
            return Value.Of(text);

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return Value.None;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return Value.True;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return Value.False;
        }

        return YamlNumber.Read(text) ?? Value.Of(text);
    }
}
