using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Gives every key, at every level, another spelling.</summary>
internal sealed class RenameKeys(Func<string, ExpressionContext, string> rename) : Transformation
{
    public static RenameKeys ParseReplace(ComponentReader reader)
    {
        var (old, replacement) = (reader.Template("old"), reader.Raw("new").IsNone ? Template.Parse("") : reader.TemplateOrNull("new") ?? Template.Parse(""));

        return reader.Done(new RenameKeys((key, context) =>
            old.EvaluateText(context) is { Length: > 0 } part ? key.Replace(part, replacement.EvaluateText(context) ?? "", StringComparison.Ordinal) : key));
    }

    public override ValueMap Apply(ValueMap record, ExpressionContext context) => Renamed(Value.Of(record), context, 0).Map;

    private Value Renamed(Value value, ExpressionContext context, int depth)
    {
        if (depth > ValueJson.DepthMax)
            return value;
        if (value.Kind == ValueKind.List)
            return Value.Of(value.List.Select(item => Renamed(item, context, depth + 1)));
        if (value.Kind != ValueKind.Map)
            return value;

        var renamed = new ValueMap();
        foreach (var (key, member) in value.Map)
            renamed.Set(rename(key, context), Renamed(member, context, depth + 1));

        return Value.Of(renamed);
    }
}

internal static partial class SnakeCase
{
    public static string Of(string key)
    {
        var words = Words().Matches(key).Select(match => match.Groups["other"].Success ? "" : match.Value).ToList();
        if (words.Count >= 3)
            words = [words[0], .. words[1..^1].Where(word => word.Length > 0), words[^1]];
        if (words.Count > 0 && words[0].Length > 0 && char.IsAsciiDigit(words[0][0]))
            words.Insert(0, "");

        return string.Join('_', words).ToLowerInvariant();
    }

    [GeneratedRegex(@"[A-Z]+[a-z]*|[a-z]+|\d+|(?<other>[^a-zA-Z\d]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
