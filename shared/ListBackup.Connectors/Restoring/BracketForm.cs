using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Restoring;

/// <summary>A tree as the fields of a form: <c>address[line1]</c>, <c>items[0][price]</c>, the way that PHP and Rails began and Stripe reads.</summary>
/// <param name="clears">What is null is sent as an empty value, by which such APIs take out what stands there; else it is left out.</param>
internal sealed class BracketForm(TemplateTree tree, bool clears)
{
    public IEnumerable<KeyValuePair<string, string>> Fields(ExpressionContext context)
    {
        var value = tree.EvaluateKept(context);

        return value.Kind == ValueKind.Map ? value.Map.SelectMany(member => Fields(member.Key, member.Value)) : [];
    }

    private IEnumerable<KeyValuePair<string, string>> Fields(string name, Value value) => value.Kind switch
    {
        ValueKind.Map => value.Map.SelectMany(member => Fields($"{name}[{member.Key}]", member.Value)),
        ValueKind.List => value.List.SelectMany((item, at) => Fields($"{name}[{at}]", item)),
        ValueKind.Boolean => [Pair(name, value.Boolean ? "true" : "false")],
        _ when value.IsUndefined => [],
        _ when value.IsNothing => clears ? [Pair(name, "")] : [],
        _ => [Pair(name, PythonText.Str(value))],
    };

    private static KeyValuePair<string, string> Pair(string name, string value) => new(name, value);
}
