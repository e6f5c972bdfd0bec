namespace ListBackup.Connectors.Expressions;

/// <summary>An expression that cannot be evaluated. The message names the expression, never a value.</summary>
public sealed class ExpressionException(string message) : Exception(message)
{
    /// <summary>
    /// It is the value at hand that does not fit (a text that is no time), so that the same expression may be computed for others. False: a limit, or a
    /// mistake in the expression.
    /// </summary>
    public bool IsOfValue { get; init; }
}

/// <summary>Something was asked of a field that is not there. The whole template then has no value.</summary>
internal sealed class UndefinedUseException : Exception;

/// <summary>
/// Python's TypeError: an operation on values that it is not made for. The public implementation then returns the template's own text, and
/// manifests depend on it (a predicate that cannot be computed must not stop a read), so we do.
/// </summary>
internal sealed class TypeMismatchException(string what) : Exception(what);
