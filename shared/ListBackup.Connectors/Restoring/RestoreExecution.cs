using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>Looks for live records and writes records through one connection.</summary>
internal sealed partial class RestoreExecution(RestoreProgram program, ConnectorConfig config, ConnectorPorts ports)
{
    private readonly SignIn _signIn = program.Connector.NewSignIn();
    private readonly WriteTokens _tokens = new(program.Tokens);

    /// <summary>One for all records: a budget that began anew with each would hold nothing back.</summary>
    private readonly Lazy<ApiBudget?> _budget = new(() => program.Connector.OpenBudget(program.Connector.Normalized(config, ports.Clock), ports));

    /// <summary>How a record would be made anew.</summary>
    private static LiveCounterpart Missing(RestoreStream stream, RestoreRecord record, Session session)
    {
        var prepared = PreparedRecord.Of(stream, record, Value.Undefined);

        return new LiveCounterpart
        {
            State = LiveState.Missing,
            Kept = prepared.Kept,
            Withheld = prepared.Consent.Withheld,
            Granted = prepared.Consent.Granted,
            LeftOut = prepared.LeftOut,
            WrittenAnyway = prepared.WrittenAnyway,
            NeverCreated = Exclusion(stream, record, prepared, session)?.Because,
            IsFoundUnderNewId = IsFoundUnderNewId(stream, prepared),
        };
    }

    /// <summary>The rule by which a record must not be made anew. It holds of what is restored or of what was seen last.</summary>
    private static NeverCreate? Exclusion(RestoreStream stream, RestoreRecord record, PreparedRecord prepared, Session session)
    {
        if (stream.NeverCreate.Count == 0)
            return null;
        var context = Context(session, prepared.Original, prepared.Record, Value.Undefined, null);
        Value[] versions = [prepared.Original, .. record.Newer.Take(1).Select(ValueJson.Parse)];

        return stream.NeverCreate.FirstOrDefault(rule => !(rule.UnlessAsked && record.BringsConsentBack) && versions.Any(version => rule.When.EvaluateCondition(context.With(Variable.Original, version))));
    }

    /// <summary>A new record has a new id, so only what a rule besides its old one says finds it again.</summary>
    private static bool IsFoundUnderNewId(RestoreStream stream, PreparedRecord prepared) =>
        stream.Find.Any(rule => rule.Match.By != MatchKind.LiveId && Applies(rule, prepared.Translated, stream));

    public async Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation)
    {
        var stream = program.Find(request.Stream);
        var session = OpenSession(request.Stream);
        var write = await ReadyAsync(stream, request, session, cancellation);

        return write.Outcome ?? await SendAsync(stream, write, session, cancellation);
    }

    private Session OpenSession(string name)
    {
        var session = program.Connector.OpenSession(config, ports, name, _signIn, _budget.Value);
        session.Context.Set(Variable.Stream, DynamicRestore.Variables(program.Find(name).Info));

        return session;
    }

    /// <summary>Makes a record ready to be sent; it has its outcome already when nothing may or need be sent.</summary>
    private static async Task<PendingWrite> ReadyAsync(RestoreStream stream, WriteRequest request, Session session, CancellationToken cancellation)
    {
        var write = new PendingWrite(request);
        if (!stream.Operations.ContainsKey(request.Kind))
            return Settled(Refused($"The platform cannot {request.Kind.ToString().ToLowerInvariant()} records of {request.Stream}."));
        if (request.Kind is WriteKind.Update or WriteKind.Delete && request.LiveId is null)
            return Settled(Refused("The id of the live record is not known."));

        write.Live = await LiveAsync(stream, request, session, cancellation);
        if (write.Live.IsUndefined && stream.Info.NeverWeaken.Count > 0 && request.Kind == WriteKind.Update)
            return Settled(Refused("The live record could not be read, so its consent could be weakened without anybody knowing."));

        write.Prepared = PreparedRecord.Of(stream, request.Record, write.Live);
        if (request.Kind is WriteKind.Create or WriteKind.Upsert && write.Live.Kind != ValueKind.Map
            && Exclusion(stream, request.Record, write.Prepared, session) is { } exclusion)
        {
            return Settled(Refused(exclusion.Because));
        }

        return request.Kind == WriteKind.Update && write.Live.Kind == ValueKind.Map && write.Prepared.Differences(write.Live, stream).Count == 0
            ? Settled(new WriteOutcome { Result = WriteResult.Unchanged, NewId = request.LiveId, Kept = write.Prepared.Kept, Unmapped = write.Prepared.Unmapped })
            : write;

        PendingWrite Settled(WriteOutcome outcome)
        {
            write.Outcome = outcome;

            return write;
        }
    }

    private async Task<WriteOutcome> SendAsync(RestoreStream stream, PendingWrite write, Session session, CancellationToken cancellation)
    {
        var outcome = Refused("Nothing was tried.");
        foreach (var operation in stream.Operations[write.Request.Kind])
        {
            outcome = await SendAsync(stream, operation, write, session, cancellation);
            if (outcome.Result != WriteResult.Refused)
                break;
        }

        return outcome;
    }

    private async Task<WriteOutcome> SendAsync(RestoreStream stream, RestoreOperation operation, PendingWrite write, Session session, CancellationToken cancellation)
    {
        var request = write.Request;
        var prepared = operation.Fit(write.Prepared!); // Only what is ready to be sent comes here.
        var context = Context(write, session).Set(Variable.Record, prepared.Record);
        var body = request.Kind == WriteKind.Delete ? Value.Undefined : prepared.Record;
        using var answer = await SendAsync(stream, operation, context, request.IdempotencyKey, body, session, cancellation);
        if (request.Kind == WriteKind.Delete && (int)answer.Status is 404 or 410)
            return new WriteOutcome { Result = WriteResult.Unchanged };
        if (!answer.IsGood || operation.IsRefused(answer, context))
        {
            var failure = session.Failure(answer.Host) with { Status = answer.Status };

            return Refused($"The platform refused the record (status {(int)answer.Status}).") with
            {
                Failure = new PlatformRefusedException(failure),
                Kept = prepared.Kept,
                Unmapped = prepared.Unmapped,
            };
        }

        var written = operation.Record is { } place ? ValuePaths.Get(answer.Json, place.Keys) : answer.Json;

        return Outcome(request, write.Live, prepared, request.Kind == WriteKind.Delete ? null : NewId(stream, operation, answer, written), written);
    }

    private static WriteOutcome Outcome(WriteRequest request, Value live, PreparedRecord prepared, string? newId, Value written) => new()
    {
        Result = request.Kind switch
        {
            WriteKind.Delete => WriteResult.Deleted,
            WriteKind.Update => WriteResult.Updated,
            WriteKind.Upsert when live.Kind == ValueKind.Map => WriteResult.Updated,
            _ => WriteResult.Created,
        },
        NewId = request.Kind == WriteKind.Delete ? null : newId ?? request.LiveId,
        Json = written is { Kind: ValueKind.Map, Map.Count: > 0 } ? ValueJson.ToBytes(written) : default,
        Kept = prepared.Kept,
        Unmapped = prepared.Unmapped,
    };

    /// <summary>Sends, and once more with new tokens when the platform says that the old ones are over: such a write was not done.</summary>
    private async Task<HttpAnswer> SendAsync(
        RestoreStream stream, RestoreOperation operation, ExpressionContext context, string idempotencyKey, Value body, Session session, CancellationToken cancellation)
    {
        var isRepeatable = operation.Method != HttpMethod.Post && operation.Method != HttpMethod.Patch || stream.IdempotencyHeader is not null;
        var asking = Requester(stream, isRepeatable: true, static _ => false);
        for (var isFirst = true; ; isFirst = false)
        {
            var tokens = await _tokens.AddAsync(context, asking, session, cancellation);
            var requester = Requester(
                stream, isRepeatable, answer => (int)answer.Status is 400 or 404 or 409 or 410 or 413 or 422 || _tokens.AreOver(answer, tokens) || answer.IsGood && operation.IsRefused(answer, tokens));
            var parts = operation.Build(requester, tokens, body);
            if (stream.IdempotencyHeader is { } header)
                parts.SetHeader(header, idempotencyKey);
            var answer = await requester.SendAsync(parts, tokens, session, cancellation);
            if (!isFirst || !_tokens.AreOver(answer, tokens))
                return answer;
            answer.Dispose();
            _tokens.Forget();
        }
    }

    /// <summary>The live record: as the caller brought it, or read anew; undefined when there is none or nobody can tell.</summary>
    private static async Task<Value> LiveAsync(RestoreStream stream, WriteRequest request, Session session, CancellationToken cancellation)
    {
        if (!request.LiveJson.IsEmpty)
            return ValueJson.Parse(request.LiveJson);
        if (request.Kind is WriteKind.Create or WriteKind.Delete)
            return Value.Undefined;

        return await LookAsync(stream, request.Record, request.LiveId, session, cancellation) is { } found ? found.Live : Value.Undefined;
    }

    private static bool Applies(FindRule rule, Value record, RestoreStream stream) =>
        rule.Match.By == MatchKind.LiveId && rule.Match.Fields.Count == 0
            ? !ValuePaths.Get(record, stream.Id.Keys).IsNothing
            : rule.Match.Fields.All(field => ValuePaths.Get(record, field.Keys) is { IsNothing: false } value && !(value.IsText && value.Text.Length == 0));

    private static Value Match(FindRule rule, Value answer, Value wanted, ExpressionContext context)
    {
        if (rule.Records is null)
        {
            var single = rule.Request.Record is { } place ? ValuePaths.Get(answer, place.Keys) : answer;

            return single is { Kind: ValueKind.Map, Map.Count: > 0 } && IsMatch(rule, single, wanted, context) ? single : Value.Undefined;
        }

        var candidates = ValuePaths.Get(answer, rule.Records);
        foreach (var candidate in candidates.Kind == ValueKind.List ? candidates.List : Enumerable.Empty<Value>())
        {
            var live = rule.Request.Record is { } place ? ValuePaths.Get(candidate, place.Keys) : candidate;
            if (live.Kind == ValueKind.Map && IsMatch(rule, live, wanted, context))
                return live;
        }

        return Value.Undefined;
    }

    private static bool IsMatch(FindRule rule, Value live, Value wanted, ExpressionContext context) =>
        rule.Match.Fields.All(field => IsSame(rule, field, live, wanted))
        && (rule.Where is null || rule.Where.EvaluateCondition(context.With(Variable.Live, live)));

    /// <summary>Natural keys are what people type, so case does not tell them apart.</summary>
    private static bool IsSame(FindRule rule, FieldPath field, Value live, Value wanted) => string.Equals(
        PythonText.Str(ValuePaths.Get(live, field.Keys)).Trim(),
        PythonText.Str(ValuePaths.Get(wanted, field.Keys)).Trim(),
        rule.Match.By == MatchKind.NaturalKey ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static HttpRequester Requester(RestoreStream stream, bool isRepeatable, Func<HttpAnswer, bool> isAnswer)
    {
        var requester = stream.Stream.Retriever.Requester;

        // A write is never answered from what an earlier one was answered.
        return requester with { UsesCache = false, ErrorHandler = new RestoreErrorHandler(requester.ErrorHandler, isRepeatable, isAnswer) };
    }

    private static ExpressionContext Context(PendingWrite write, Session session) =>
        Context(session, write.Prepared!.Original, write.Prepared.Record, write.Live, write.Request.LiveId).Set(Variable.IdempotencyKey, Value.Of(write.Request.IdempotencyKey));

    private static ExpressionContext Context(Session session, Value original, Value prepared, Value live, string? liveId) => session.Context
        .With(Variable.Record, prepared)
        .Set(Variable.Original, original)
        .Set(Variable.Live, live.IsUndefined ? Value.None : live)
        .Set(Variable.LiveId, Value.Of(liveId));

    private static string? NewId(RestoreStream stream, RestoreOperation operation, HttpAnswer answer, Value written)
    {
        if (operation.NewId is { } place)
            return Text(ValuePaths.Get(answer.Json, place.Keys));
        if (operation.IdHeader is { } header)
            return answer.Header(header)?.TrimEnd('/').Split('/')[^1].Split('?')[0];

        return Id(stream, written);
    }

    private static string? Id(RestoreStream stream, Value record) => Text(ValuePaths.Get(record, stream.Id.Keys));

    private static string? Text(Value value) => value.IsNothing ? null : PythonText.Str(value);

    private static WriteOutcome Refused(string reason) => new() { Result = WriteResult.Refused, Reason = reason };
}
