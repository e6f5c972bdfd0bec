namespace ListBackup.Domain;

/// <summary>
/// A refusal: the request was understood and is not carried out. Turned into an HTTP status in one place (ListBackup.Functions/Http/Problems.cs).
/// The message is for the person who asked: what was attempted, on what, and what to do. It never contains a secret or record content.
/// </summary>
public sealed class Problem : Exception
{
    private Problem(ProblemKind kind, string code, string message) : base(message)
    {
        Kind = kind;
        Code = code;
    }

    public ProblemKind Kind { get; }

    /// <summary>Stable, kebab-case name of the refusal, the last part of the problem's <c>type</c> URI.</summary>
    public string Code { get; }

    /// <summary>For <see cref="ProblemKind.Invalid"/>: messages by field (camelCase path).</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; private init; } = new Dictionary<string, string[]>(StringComparer.Ordinal);

    /// <summary>For <see cref="ProblemKind.TooMany"/>: when asking again makes sense.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>422: a field has a value that the rules refuse.</summary>
    public static Problem Invalid(string field, string message) => Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(ProblemKind.Invalid, "invalid", string.Join(" ", errors.SelectMany(e => e.Value))) { Errors = errors };

    /// <summary>400: the request itself cannot be read.</summary>
    public static Problem Malformed(string message) => new(ProblemKind.Malformed, "malformed", message);

    /// <summary>401: who asks is not known. The answer is the same whatever the reason, unless <paramref name="code"/> asks for a next step.</summary>
    public static Problem NotAuthenticated(string message, string code = "not-authenticated") => new(ProblemKind.NotAuthenticated, code, message);

    /// <summary>403: who asks is known and may not.</summary>
    public static Problem NotAllowed(string message, string code = "not-allowed") => new(ProblemKind.NotAllowed, code, message);

    /// <summary>404: there is none, or none that the asker may know of.</summary>
    public static Problem NotFound(string what) => new(ProblemKind.NotFound, "not-found", $"{what} was not found.");

    /// <summary>409: the state of the thing does not allow it now.</summary>
    public static Problem Conflict(string message, string code = "conflict") => new(ProblemKind.Conflict, code, message);

    /// <summary>412: If-Match named another version.</summary>
    public static Problem Changed(string what) => new(ProblemKind.Changed, "changed", $"{what} was changed meanwhile. Read it again and repeat your change.");

    /// <summary>413: the request is larger than the limit.</summary>
    public static Problem TooLarge(string message) => new(ProblemKind.TooLarge, "too-large", message);

    /// <summary>429.</summary>
    public static Problem TooMany(string message, TimeSpan retryAfter, string code = "too-many-requests") =>
        new(ProblemKind.TooMany, code, message) { RetryAfter = retryAfter };

    /// <summary>502: a platform or another outside party did not do its part.</summary>
    public static Problem Upstream(string message, string code = "platform-failed") => new(ProblemKind.Upstream, code, message);

    /// <summary>501: this shape of the product cannot do it; says why.</summary>
    public static Problem NotSupported(string message) => new(ProblemKind.NotSupported, "not-supported", message);
}

public enum ProblemKind { Malformed, Invalid, NotAuthenticated, NotAllowed, NotFound, Conflict, Changed, TooLarge, TooMany, Upstream, NotSupported }
