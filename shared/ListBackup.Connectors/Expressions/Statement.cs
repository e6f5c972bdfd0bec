using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>A part of a template that prints or changes a local name.</summary>
internal abstract class Statement
{
    public abstract void Run(Frame frame, StringBuilder output);

    protected static void RunAll(Statement[] statements, Frame frame, StringBuilder output)
    {
        foreach (var statement in statements)
            statement.Run(frame, output);
    }
}

internal sealed class TextStatement(string text) : Statement
{
    public string Text => text;

    public override void Run(Frame frame, StringBuilder output) => output.Append(text);
}

internal sealed class OutputStatement(Node expression) : Statement
{
    public Node Expression => expression;

    public override void Run(Frame frame, StringBuilder output)
    {
        output.Append(PythonText.Str(expression.Evaluate(frame)));
        if (output.Length > PythonText.CharactersMax)
            throw new ExpressionException("The result is too long.");
    }
}

internal sealed class SetStatement(int[] slots, Node value) : Statement
{
    public override void Run(Frame frame, StringBuilder output)
    {
        frame.Step();
        Assign(frame, slots, value.Evaluate(frame));
    }

    internal static void Assign(Frame frame, int[] slots, Value value)
    {
        if (slots.Length == 1)
        {
            frame.Local(slots[0]) = value;
            return;
        }

        var parts = Sequences.Of(value);
        if (parts.Count != slots.Length)
            throw new ExpressionException("A value does not have as many parts as names are given.") { IsOfValue = true };
        for (var at = 0; at < slots.Length; at++)
            frame.Local(slots[at]) = parts[at];
    }
}

/// <summary><c>{% set x %}…{% endset %}</c></summary>
internal sealed class SetBlockStatement(int slot, Statement[] body) : Statement
{
    public override void Run(Frame frame, StringBuilder output)
    {
        var text = new StringBuilder();
        RunAll(body, frame, text);
        frame.Local(slot) = Value.Of(text.ToString());
    }
}

internal sealed class IfStatement((Node Condition, Statement[] Body)[] branches, Statement[] otherwise) : Statement
{
    public override void Run(Frame frame, StringBuilder output)
    {
        frame.Step();
        foreach (var (condition, body) in branches)
        {
            if (condition.Evaluate(frame).IsTrue)
            {
                RunAll(body, frame, output);
                return;
            }
        }

        RunAll(otherwise, frame, output);
    }
}

internal sealed class ForStatement(int[] slots, int loopSlot, Node items, Node? filter, Statement[] body, Statement[] otherwise) : Statement
{
    public override void Run(Frame frame, StringBuilder output)
    {
        var all = Sequences.Of(items.Evaluate(frame));
        if (filter is not null)
        {
            var kept = new List<Value>();
            foreach (var item in all)
            {
                SetStatement.Assign(frame, slots, item);
                if (filter.Evaluate(frame).IsTrue)
                    kept.Add(item);
            }

            all = kept;
        }

        for (var at = 0; at < all.Count; at++)
        {
            frame.Step();
            SetStatement.Assign(frame, slots, all[at]);
            frame.Local(loopSlot) = Value.Of(Loop(at, all.Count));
            RunAll(body, frame, output);
        }

        if (all.Count == 0)
            RunAll(otherwise, frame, output);
    }

    private static ValueMap Loop(int at, int count) => new ValueMap()
        .Set("index", Value.Of(at + 1))
        .Set("index0", Value.Of(at))
        .Set("revindex", Value.Of(count - at))
        .Set("revindex0", Value.Of(count - at - 1))
        .Set("first", Value.Of(at == 0))
        .Set("last", Value.Of(at == count - 1))
        .Set("length", Value.Of(count));
}
