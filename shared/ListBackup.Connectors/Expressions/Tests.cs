namespace ListBackup.Connectors.Expressions;

/// <summary>What can stand after <c>is</c>.</summary>
internal static class Tests
{
    public static Test? Find(string name) => name switch
    {
        "defined" => static (subject, _) => !subject.IsUndefined,
        "undefined" => static (subject, _) => subject.IsUndefined,
        "none" or "None" => static (subject, _) => subject.IsNone,
        "true" or "True" => static (subject, _) => subject.Kind == ValueKind.Boolean && subject.Boolean,
        "false" or "False" => static (subject, _) => subject.Kind == ValueKind.Boolean && !subject.Boolean,
        "boolean" => static (subject, _) => subject.Kind == ValueKind.Boolean,
        "integer" => static (subject, _) => subject.Kind == ValueKind.Integer,
        "float" => static (subject, _) => subject.Kind == ValueKind.Float,
        "number" => static (subject, _) => subject.IsNumber,
        "string" => static (subject, _) => subject.IsText,
        "mapping" => static (subject, _) => subject.Kind == ValueKind.Map,
        "iterable" or "sequence" => static (subject, _) => subject.Kind is ValueKind.List or ValueKind.Map or ValueKind.Text or <= ValueKind.Undefined,
        "callable" => static (_, _) => false,
        "odd" => static (subject, _) => Operators.Remainder(subject, Value.Of(2)).IsTrue,
        "even" => static (subject, _) => !Operators.Remainder(subject, Value.Of(2)).IsTrue,
        "divisibleby" => static (subject, arguments) => !Operators.Remainder(subject, arguments.Required(0)).IsTrue,
        "eq" or "equalto" or "==" => static (subject, arguments) => Operators.AreEqual(subject, arguments.Required(0)),
        "ne" or "!=" => static (subject, arguments) => !Operators.AreEqual(subject, arguments.Required(0)),
        "lt" or "lessthan" or "<" => static (subject, arguments) => Operators.Compare(subject, arguments.Required(0)) < 0,
        "le" or "<=" => static (subject, arguments) => Operators.Compare(subject, arguments.Required(0)) <= 0,
        "gt" or "greaterthan" or ">" => static (subject, arguments) => Operators.Compare(subject, arguments.Required(0)) > 0,
        "ge" or ">=" => static (subject, arguments) => Operators.Compare(subject, arguments.Required(0)) >= 0,
        "in" => static (subject, arguments) => Operators.Contains(arguments.Required(0), subject),
        "sameas" => static (subject, arguments) => subject.Kind == arguments.Required(0).Kind && Operators.AreEqual(subject, arguments.Required(0)),
        "lower" => static (subject, _) => Methods.Call(subject, "islower", Arguments.None).IsTrue,
        "upper" => static (subject, _) => Methods.Call(subject, "isupper", Arguments.None).IsTrue,
        _ => null,
    };

    public static Test Get(string name) => Find(name) ?? throw new ExpressionException("A test is not known.");
}
