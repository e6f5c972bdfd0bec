namespace ListBackup.Connectors.Expressions;

/// <summary>An expression that cannot be evaluated. The message names the expression, never a value.</summary>
public sealed class ExpressionException(string message) : Exception(message);

/// <summary>Something was asked of a field that is not there. The whole template then has no value.</summary>
internal sealed class UndefinedUseException : Exception;

/// <summary>
/// Python's TypeError: an operation on values that it is not made for. The public implementation then returns the template's own text, and
/// manifests depend on it (a predicate that cannot be computed must not stop a read), so we do.
/// </summary>
internal sealed class TypeMismatchException(string what) : Exception(what);
