using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>
/// One text of a manifest, parsed once: constant text, expressions in <c>{{ }}</c> and statements in <c>{% %}</c>.
/// Immutable; evaluated from many threads.
/// </summary>
internal sealed class Template
{
    private readonly Node? _single;
    private readonly Statement[] _statements;
    private readonly int _localCount;
    private readonly Value? _constant;

    private Template(string source, Statement[] statements, int localCount)
    {
        Source = source;
        _statements = statements;
        _localCount = localCount;
        _single = statements is [OutputStatement { Expression: var expression }] ? expression : null;
        _constant = statements.All(statement => statement is TextStatement)
            ? Literal(string.Concat(statements.Cast<TextStatement>().Select(statement => statement.Text)))
            : null;
    }

    /// <summary>As written.</summary>
    public string Source { get; }

    /// <summary>The words that are always the same, with a … for each that is computed: safe to show where what is computed may be a secret or content.</summary>
    public string Words => string.Concat(_statements.Select(statement => statement is TextStatement text ? text.Text : "…"));

    /// <summary>True when there is nothing to evaluate.</summary>
    public bool IsConstant => _constant is not null;

    /// <exception cref="ExpressionException">The text breaks the language; the message says where.</exception>
    /// <param name="parameters">The <c>$parameters</c> in force; they never change, so they are bound into the template.</param>
    public static Template Parse(string source, Value parameters = default)
    {
        var parser = new Parser(source, parameters);
        var statements = parser.Document();

        return new Template(source, statements, parser.LocalCount);
    }

    /// <summary>The value by all rules of the language: an empty result is none, a text that reads as a literal becomes it.</summary>
    /// <exception cref="ExpressionException">The expression cannot be computed.</exception>
    public Value Evaluate(ExpressionContext context)
    {
        if (_constant is { } constant)
            return constant;

        try
        {
            if (_single is not null)
                return Finish(_single.Evaluate(new Frame(context, _localCount)));

            return Literal(Render(context));
        }
        catch (UndefinedUseException)
        {
            return Value.None;
        }
        catch (TypeMismatchException)
        {
            return Literal(Source);
        }
        catch (ExpressionException exception)
        {
            throw new ExpressionException($"{exception.Message} In: {Shortened}") { IsOfValue = exception.IsOfValue };
        }
    }

    /// <summary>The value as text without the literal rule, so that "007" stays "007"; none when there is nothing.</summary>
    public string? EvaluateText(ExpressionContext context)
    {
        try
        {
            var text = _single is not null ? PythonText.Str(_single.Evaluate(new Frame(context, _localCount))) : Render(context);

            return text.Length == 0 ? null : text;
        }
        catch (UndefinedUseException)
        {
            return null;
        }
        catch (TypeMismatchException)
        {
            return Source;
        }
        catch (ExpressionException exception)
        {
            throw new ExpressionException($"{exception.Message} In: {Shortened}") { IsOfValue = exception.IsOfValue };
        }
    }

    /// <summary>
    /// The value as it is, for what is written to a platform: one expression keeps the type of its value and all else is text, so that the post code
    /// "12345" does not become a number. Undefined when the expression is about something that is not there.
    /// </summary>
    public Value EvaluateKept(ExpressionContext context)
    {
        try
        {
            if (_single is null)
                return Value.Of(Render(context));

            var value = _single.Evaluate(new Frame(context, _localCount));

            return value.Kind is ValueKind.Time or ValueKind.Date or ValueKind.Duration ? Value.Of(PythonText.Str(value)) : value;
        }
        catch (UndefinedUseException)
        {
            return Value.Undefined;
        }
        catch (TypeMismatchException)
        {
            return Value.Of(Source);
        }
        catch (ExpressionException exception)
        {
            throw new ExpressionException($"{exception.Message} In: {Shortened}") { IsOfValue = exception.IsOfValue };
        }
    }

    /// <summary>The language's condition: true unless it evaluates to nothing, zero, what is empty, or a spelling of no.</summary>
    public bool EvaluateCondition(ExpressionContext context)
    {
        var value = Evaluate(context);
        if (!value.IsText)
            return value.IsTrue;

        return value.Text.Length > 0 && value.Text is not ("false" or "False" or "{}" or "[]" or "()" or "0" or "0.0" or "None" or "none");
    }

    public override string ToString() => Source;

    private string Shortened => Source.Length <= 200 ? Source : Source[..200] + "…";

    private string Render(ExpressionContext context)
    {
        var frame = new Frame(context, _localCount);
        var output = new StringBuilder();
        foreach (var statement in _statements)
            statement.Run(frame, output);

        return output.ToString();
    }

    /// <summary>
    /// What printing a value and reading it back as a literal would give, without doing it. Everything that Python can read back is itself.
    /// </summary>
    private static Value Finish(Value value) => value.Kind switch
    {
        ValueKind.Absent or ValueKind.Undefined or ValueKind.None => Value.None,
        ValueKind.Boolean or ValueKind.Integer => value,
        ValueKind.Float when double.IsFinite(value.Double) => value,
        ValueKind.List or ValueKind.Map when ReadsBack(value, 0) => value,
        _ => Literal(PythonText.Str(value)),
    };

    private static bool ReadsBack(Value value, int depth) => depth < 32 && value.Kind switch
    {
        ValueKind.List => !value.List.UntouchedJson.IsEmpty || value.List.All(item => ReadsBack(item, depth + 1)),
        ValueKind.Map => !value.Map.UntouchedJson.IsEmpty || value.Map.Values.All(item => ReadsBack(item, depth + 1)),
        ValueKind.Float => double.IsFinite(value.Double),
        ValueKind.None or ValueKind.Boolean or ValueKind.Integer or ValueKind.Text => true,
        _ => false,
    };

    private static Value Literal(string text) => text.Length == 0 ? Value.None : PythonLiteral.Read(text) ?? Value.Of(text);
}
