using System.Text;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>
/// Gives keys another spelling. A field whose new name another field has, or gets too, keeps its own: in a backup neither of the two may vanish.
/// </summary>
/// <param name="isDeep">Also the keys of maps inside of maps; what lists hold stays as it is.</param>
internal sealed class RenameKeys(Func<string, ExpressionContext, string> rename, bool isDeep) : Transformation
{
    public static RenameKeys ParseReplace(ComponentReader reader)
    {
        var (old, replacement) = (reader.Template("old"), reader.Raw("new").IsNone ? Template.Parse("") : reader.TemplateOrNull("new") ?? Template.Parse(""));

        return reader.Done(new RenameKeys(
            (key, context) => old.EvaluateText(context) is { Length: > 0 } part ? key.Replace(part, replacement.EvaluateText(context) ?? "", StringComparison.Ordinal) : key,
            isDeep: true));
    }

    public override ValueMap Apply(ValueMap record, ExpressionContext context) => Renamed(record, context, 0);

    private ValueMap Renamed(ValueMap map, ExpressionContext context, int depth)
    {
        var members = map.WrittenMembers;
        var names = Names([.. members.Select(member => member.Key)], context);
        var renamed = new ValueMap();
        for (var at = 0; at < names.Length; at++)
        {
            if (isDeep && depth < ValueJson.DepthMax && members[at].Held.Kind == ValueKind.Map)
                renamed.Set(names[at], Value.Of(Renamed(members[at].Held.Map, context, depth + 1)));
            else
                renamed.Adopt(names[at], members[at]);
        }

        return renamed;
    }

    private string[] Names(string[] keys, ExpressionContext context)
    {
        string[] names = [.. keys.Select(key => rename(key, context) is { Length: > 0 } name ? name : key)];

        // Taking one name back may claim a name that another field was about to get, so it is repeated until all are different, as the old ones are.
        while (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            var counts = names.CountBy(name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
            for (var at = 0; at < names.Length; at++)
            {
                if (counts[names[at]] > 1)
                    names[at] = keys[at];
            }
        }

        return names;
    }
}

internal static partial class SnakeCase
{
    /// <summary>Letters of Latin-1 and Latin Extended-A without their marks, from À on; a dot where a letter becomes two or none.</summary>
    private const string Plain =
        "AAAAAA.CEEEEIIIIDNOOOOO.OUUUUY..aaaaaa.ceeeeiiiidnooooo.ouuuuy.yAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi..JjKkkLlLlLlLlLlNnNnNnn..OoOoOo..RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

    private const string Twofold = "Æ=AE,æ=ae,Œ=OE,œ=oe,ß=ss,Þ=Th,þ=th,Ĳ=IJ,ĳ=ij";

    /// <summary>Words in lower case with underscores between. Letters of other scripts stay what they are, since a name without them says nothing.</summary>
    public static string Of(string key)
    {
        var words = Words().Matches(Unmarked(key)).Select(match => match.Groups["other"].Success ? "" : match.Value).ToList();
        if (words.Count >= 3)
            words = [words[0], .. words[1..^1].Where(word => word.Length > 0), words[^1]];
        if (words.Count > 0 && words[0].Length > 0 && char.IsAsciiDigit(words[0][0]))
            words.Insert(0, "");

        return string.Join('_', words).ToLowerInvariant();
    }

    private static string Unmarked(string key)
    {
        if (System.Text.Ascii.IsValid(key))
            return key;

        var plain = new StringBuilder(key.Length);
        foreach (var letter in key)
        {
            if (letter is >= 'À' and < (char)('À' + 192) && Plain[letter - 'À'] is not '.' and var bare)
                plain.Append(bare);
            else if (Twofold.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at && letter > '\x7f')
                plain.Append(Twofold.AsSpan(at + 2, 2));
            else
                plain.Append(letter);
        }

        return plain.ToString();
    }

    [GeneratedRegex(@"\p{Lu}+\p{Ll}*|[\p{L}-[\p{Lu}]]+|[0-9]+|(?<other>[^\p{L}0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
