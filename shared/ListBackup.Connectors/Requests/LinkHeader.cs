using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Requests;

/// <summary>The language's view of a Link header: <c>headers['link']['next']['url']</c>.</summary>
internal static partial class LinkHeader
{
    public static Value Parse(string header, Value text)
    {
        var links = new ValueMap();
        foreach (Match match in Links().Matches(header))
        {
            var link = new ValueMap().Set("url", Value.Of(match.Groups["url"].Value));
            foreach (Match parameter in Parameters().Matches(match.Groups["parameters"].Value))
                link.Set(parameter.Groups["name"].Value, Value.Of(parameter.Groups["value"].Value));
            if (link.TryGet("rel", out var relation))
                links.Set(relation.Text, Value.Of(link));
        }

        return links.Count > 0 ? Value.Of(links) : text;
    }

    [GeneratedRegex("<(?<url>[^>]*)>(?<parameters>[^<]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Links();

    [GeneratedRegex("(?<name>[A-Za-z]+)=\"?(?<value>[^\",;]*)\"?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Parameters();
}
