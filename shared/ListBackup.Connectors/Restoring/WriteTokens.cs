using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>A value that the platform hands out and wants to see in every write (an anti-forgery token), under <c>tokens</c> in restore.yaml.</summary>
/// <param name="Request">Where it is asked for.</param>
/// <param name="Field">Where it stands in the answer.</param>
/// <param name="ExpiredWhen">Tells from a write's answer that a new one is needed; null: it is good as long as the sign-in.</param>
internal sealed record WriteToken(string Name, RestoreOperation Request, FieldPath Field, Template? ExpiredWhen);

/// <summary>The tokens of one restore: asked for when the first write needs them, and again when the platform says that they are over.</summary>
internal sealed class WriteTokens(IReadOnlyList<WriteToken> tokens)
{
    private Value _values;

    private SemaphoreSlim Lock { get; } = new(1, 1);

    public async Task<ExpressionContext> AddAsync(ExpressionContext context, HttpRequester requester, Session session, CancellationToken cancellation)
    {
        if (tokens.Count == 0)
            return context;
        await Lock.WaitAsync(cancellation);
        try
        {
            if (_values.Kind != ValueKind.Map)
                _values = Value.Of(await AskAsync(context, requester, session, cancellation));

            return context.With(Variable.Tokens, _values);
        }
        finally
        {
            Lock.Release();
        }
    }

    /// <summary>True when the answer refuses one of the tokens.</summary>
    public bool AreOver(HttpAnswer answer, ExpressionContext context) =>
        tokens.Any(token => token.ExpiredWhen is not null && token.ExpiredWhen.EvaluateCondition(answer.In(context)));

    /// <summary>Asks for them anew next time.</summary>
    public void Forget() => _values = Value.Undefined;

    private async Task<ValueMap> AskAsync(ExpressionContext context, HttpRequester requester, Session session, CancellationToken cancellation)
    {
        var values = new ValueMap();
        foreach (var token in tokens)
        {
            using var answer = await requester.SendAsync(token.Request.Build(requester, context, Value.Undefined), context, session, cancellation);
            var value = ValuePaths.Get(answer.Json, token.Field.Keys);
            if (value.IsNothing)
                throw new PlatformNotReadableException($"it hands out no {token.Name} token", session.Failure(answer.Host) with { Status = answer.Status });
            values.Set(token.Name, ValueJson.Detached(value));
        }

        return values;
    }
}
