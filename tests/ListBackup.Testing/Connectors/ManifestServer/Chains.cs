using System.Text.RegularExpressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Finds what an expression asks of a variable: <c>response.get('links', {}).next</c> asks for links, next.</summary>
internal static partial class Chains
{
    /// <summary>The longest ways that lead from <paramref name="root"/> into it, each once.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(string expression, params string[] roots)
    {
        var found = new List<IReadOnlyList<string>>();
        foreach (var root in roots)
        {
            if (!expression.Contains(root, StringComparison.Ordinal))
                continue;
            foreach (Match match in Regex.Matches(expression, $@"(?<![\w.'""]){Regex.Escape(root)}(?!\w)"))
                found.Add(Walk(expression, match.Index + match.Length, out _));
        }

        foreach (Match match in Membership().Matches(expression))
        {
            if (roots.Contains(match.Groups[2].Value))
                found.Add([.. Walk(expression, match.Index + match.Length, out _), match.Groups[1].Value]);
        }

        var distinct = found.Where(chain => chain.Count > 0).DistinctBy(chain => string.Join('\0', chain)).ToList();

        return [.. distinct.Where(chain => !distinct.Any(other => other.Count > chain.Count && other.Take(chain.Count).SequenceEqual(chain)))];
    }

    private static List<string> Walk(string text, int at, out int end)
    {
        var chain = new List<string>();
        while (true)
        {
            var step = Step().Match(text, at);
            if (!step.Success)
                break;
            var name = step.Groups["get"].Success ? step.Groups["get"].Value : step.Groups["key"].Success ? step.Groups["key"].Value : step.Groups["name"].Value;
            var next = step.Index + step.Length;
            if (step.Groups["get"].Success)
                next = Close(text, next);
            else if (step.Groups["name"].Success && next < text.Length && text[next] == '(')
                break;
            chain.Add(name);
            at = next;
        }

        end = at;

        return chain;
    }

    /// <summary>Behind the bracket that closes the call in which <paramref name="at"/> stands.</summary>
    private static int Close(string text, int at)
    {
        for (var depth = 1; at < text.Length; at++)
        {
            depth += text[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
                return at + 1;
        }

        return text.Length;
    }

    [GeneratedRegex("""\G(?:\.get\(\s*['"](?<get>[^'"]+)['"]|\[\s*['"](?<key>[^'"]+)['"]\s*\]|\.(?<name>[A-Za-z_@]\w*))""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Step();

    [GeneratedRegex("""['"]([^'"]+)['"]\s+(?:not\s+)?in\s+(\w+)""", RegexOptions.None, 1000)]
    private static partial Regex Membership();
}
