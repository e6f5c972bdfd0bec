using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace ListBackup.Connectors.Expressions;

/// <summary>
/// Regular expressions of manifests: Python's dialect, compiled once, and stopped when they explode. Where the expression allows it the engine
/// that cannot explode is used.
/// </summary>
internal static class Patterns
{
    private const int CacheMax = 1000;
    private static readonly TimeSpan MatchTimeMax = TimeSpan.FromMilliseconds(250);
    private static readonly ConcurrentDictionary<string, Regex> Cache = new(StringComparer.Ordinal);

    public static Regex Get(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known))
            return known;

        var regex = Compile(pattern);
        if (Cache.Count < CacheMax)
            Cache.TryAdd(pattern, regex);

        return regex;
    }

    public static Match Search(string pattern, string text)
    {
        try
        {
            return Get(pattern).Match(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ExpressionException("A regular expression takes too long.");
        }
    }

    private static Regex Compile(string pattern)
    {
        var dialect = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal).Replace("\\Z", "\\z", StringComparison.Ordinal);
        dialect = Regex.Replace(dialect, @"\(\?P=(\w+)\)", @"\k<$1>");
        try
        {
            try
            {
                return new Regex(dialect, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, MatchTimeMax);
            }
            catch (NotSupportedException)
            {
                // Look-around and back-references need the other engine; the time limit holds there.
                return new Regex(dialect, RegexOptions.CultureInvariant, MatchTimeMax);
            }
        }
        catch (ArgumentException)
        {
            throw new ExpressionException("A regular expression is not valid.");
        }
    }
}
