namespace ListBackup.Connectors.Expressions;

/// <summary>A part of an expression that has a value. Nodes are immutable and shared by all evaluations.</summary>
internal abstract class Node
{
    public abstract Value Evaluate(Frame frame);
}

internal sealed class ConstantNode(Value value) : Node
{
    public Value Value => value;

    public override Value Evaluate(Frame frame) => value;
}

internal sealed class VariableNode(Variable variable, string name) : Node
{
    public override Value Evaluate(Frame frame)
    {
        var value = frame.Context[variable];

        return value.Kind != ValueKind.Absent ? value : throw new ExpressionException($"'{name}' has no value at this place.");
    }
}

internal sealed class LocalNode(int slot) : Node
{
    public override Value Evaluate(Frame frame)
    {
        var value = frame.Local(slot);

        return value.Kind == ValueKind.Absent ? Value.Undefined : value;
    }
}

internal sealed class ListNode(Node[] items, bool isTuple) : Node
{
    public override Value Evaluate(Frame frame)
    {
        frame.Step();
        var list = new ValueList { IsTuple = isTuple };
        foreach (var item in items)
            list.Add(item.Evaluate(frame));

        return Value.Of(list);
    }
}

internal sealed class MapNode((Node Key, Node Value)[] members) : Node
{
    public override Value Evaluate(Frame frame)
    {
        frame.Step();
        var map = new ValueMap();
        foreach (var (key, value) in members)
            map.Set(PythonText.Str(key.Evaluate(frame)), value.Evaluate(frame));

        return Value.Of(map);
    }
}

/// <summary><c>a.b</c> and <c>a['b']</c>.</summary>
internal sealed class MemberNode(Node subject, Node key) : Node
{
    public Node Subject => subject;

    public override Value Evaluate(Frame frame) => Members.Get(subject.Evaluate(frame), key.Evaluate(frame));
}

internal sealed class SliceNode(Node subject, Node? start, Node? stop, Node? step) : Node
{
    public override Value Evaluate(Frame frame)
    {
        frame.Step();

        return Members.Slice(subject.Evaluate(frame), start?.Evaluate(frame), stop?.Evaluate(frame), step?.Evaluate(frame));
    }
}

internal sealed class NotNode(Node operand) : Node
{
    public override Value Evaluate(Frame frame) => Value.Of(!operand.Evaluate(frame).IsTrue);
}

internal sealed class NegateNode(Node operand) : Node
{
    public override Value Evaluate(Frame frame) => Operators.Negate(operand.Evaluate(frame));
}

/// <summary><c>and</c> and <c>or</c>: the value that decides, as in Python.</summary>
internal sealed class LogicNode(Node left, Node right, bool stopsWhen) : Node
{
    public override Value Evaluate(Frame frame)
    {
        var first = left.Evaluate(frame);

        return first.IsTrue == stopsWhen ? first : right.Evaluate(frame);
    }
}

internal sealed class BinaryNode(Node left, Node right, Func<Value, Value, Value> operation) : Node
{
    public override Value Evaluate(Frame frame)
    {
        frame.Step();

        return frame.Made(operation(left.Evaluate(frame), right.Evaluate(frame)));
    }
}

/// <summary><c>a &lt; b &lt;= c</c>: each neighbour pair must hold.</summary>
internal sealed class CompareNode(Node first, (string Sign, Node Right)[] rest) : Node
{
    public override Value Evaluate(Frame frame)
    {
        var left = first.Evaluate(frame);
        foreach (var (sign, node) in rest)
        {
            var right = node.Evaluate(frame);
            if (!Holds(left, sign, right))
                return Value.False;
            left = right;
        }

        return Value.True;
    }

    internal static bool Holds(Value left, string sign, Value right) => sign switch
    {
        "==" => Operators.AreEqual(left, right),
        "!=" => !Operators.AreEqual(left, right),
        "<" => Operators.Compare(left, right) < 0,
        "<=" => Operators.Compare(left, right) <= 0,
        ">" => Operators.Compare(left, right) > 0,
        ">=" => Operators.Compare(left, right) >= 0,
        "in" => Operators.Contains(right, left),
        _ => !Operators.Contains(right, left),
    };
}

internal sealed class ConditionalNode(Node then, Node condition, Node? otherwise) : Node
{
    public override Value Evaluate(Frame frame) =>
        condition.Evaluate(frame).IsTrue ? then.Evaluate(frame) : otherwise?.Evaluate(frame) ?? Value.Undefined;
}

internal sealed class FunctionNode(Function function, ArgumentNodes arguments) : Node
{
    public override Value Evaluate(Frame frame)
    {
        frame.Step();

        return frame.Made(function(frame, arguments.Evaluate(frame)));
    }
}

internal sealed class FilterNode(Node subject, Filter filter, ArgumentNodes arguments) : Node
{
    public override Value Evaluate(Frame frame)
    {
        frame.Step();

        return frame.Made(filter(frame, subject.Evaluate(frame), arguments.Evaluate(frame)));
    }
}

internal sealed class TestNode(Node subject, Test test, ArgumentNodes arguments, bool negated) : Node
{
    public override Value Evaluate(Frame frame) => Value.Of(test(subject.Evaluate(frame), arguments.Evaluate(frame)) != negated);
}

internal sealed class MethodNode(Node subject, string name, ArgumentNodes arguments) : Node
{
    public override Value Evaluate(Frame frame)
    {
        frame.Step();

        return frame.Made(Methods.Call(subject.Evaluate(frame), name, arguments.Evaluate(frame)));
    }
}

internal sealed class ArgumentNodes(Node[] positional, (string Name, Node Value)[] named)
{
    public static readonly ArgumentNodes None = new([], []);

    public Arguments Evaluate(Frame frame)
    {
        if (positional.Length == 0 && named.Length == 0)
            return Arguments.None;

        var values = new Value[positional.Length];
        for (var at = 0; at < values.Length; at++)
            values[at] = positional[at].Evaluate(frame);
        var names = named.Length == 0 ? [] : new (string, Value)[named.Length];
        for (var at = 0; at < names.Length; at++)
            names[at] = (named[at].Name, named[at].Value.Evaluate(frame));

        return new Arguments(values, names);
    }
}

internal delegate Value Function(Frame frame, Arguments arguments);

internal delegate Value Filter(Frame frame, Value subject, Arguments arguments);

internal delegate bool Test(Value subject, Arguments arguments);
