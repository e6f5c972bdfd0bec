using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>A tree of maps, lists and values in which every text and every key may be a template.</summary>
internal abstract class TemplateTree
{
    public abstract Value Evaluate(ExpressionContext context);

    /// <summary>The tree as it is written to a platform: values keep their types, and what is not there is left out, not sent as null.</summary>
    public abstract Value EvaluateKept(ExpressionContext context);

    public static TemplateTree Parse(Value value, string path, ComponentReader reader) => value.Kind switch
    {
        ValueKind.Map => new Branches(Members(value.Map, path, reader)),
        ValueKind.List => new Items(value.List.Map((item, at) => Parse(item, $"{path}[{at}]", reader))),
        ValueKind.Text => new Leaf(reader.Parse(path, value.Text)),
        _ => new Constant(value),
    };

    private static List<(Template Key, TemplateTree Value)> Members(ValueMap map, string path, ComponentReader reader)
    {
        var members = new List<(Template, TemplateTree)>();
        foreach (var (key, value) in map)
        {
            if (key != "$parameters")
                members.Add((reader.Parse(path, key), Parse(value, $"{path}.{key}", reader)));
        }

        return members;
    }

    private sealed class Branches(List<(Template Key, TemplateTree Value)> members) : TemplateTree
    {
        public override Value Evaluate(ExpressionContext context)
        {
            var map = new ValueMap();
            foreach (var (key, value) in members)
                map.Set(key.EvaluateText(context) ?? "", value.Evaluate(context));

            return Value.Of(map);
        }

        public override Value EvaluateKept(ExpressionContext context)
        {
            var map = new ValueMap();
            foreach (var (key, tree) in members)
            {
                if (tree.EvaluateKept(context) is { IsUndefined: false } value)
                    map.Set(key.EvaluateText(context) ?? "", value);
            }

            return Value.Of(map);
        }
    }

    private sealed class Items(TemplateTree[] items) : TemplateTree
    {
        public override Value Evaluate(ExpressionContext context) => Value.Of(items.Select(item => item.Evaluate(context)));

        public override Value EvaluateKept(ExpressionContext context) =>
            Value.Of(items.Select(item => item.EvaluateKept(context)).Where(item => !item.IsUndefined));
    }

    private sealed class Leaf(Template template) : TemplateTree
    {
        public override Value Evaluate(ExpressionContext context) => template.Evaluate(context);

        public override Value EvaluateKept(ExpressionContext context) => template.EvaluateKept(context);
    }

    private sealed class Constant(Value value) : TemplateTree
    {
        public override Value Evaluate(ExpressionContext context) => value;

        public override Value EvaluateKept(ExpressionContext context) => value;
    }
}
