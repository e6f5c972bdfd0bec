using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>A compiled restore manifest.</summary>
internal sealed class RestoreProgram
{
    public required ConnectorProgram Connector { get; init; }

    public required IReadOnlyDictionary<string, RestoreStream> Programs { get; init; }

    public required IReadOnlyList<RestoreStreamInfo> Streams { get; init; }

    public required IReadOnlyList<WriteToken> Tokens { get; init; }

    /// <summary>Streams that only the platform names, as long as nobody asked it.</summary>
    public required IReadOnlyList<DynamicRestore> Dynamic { get; init; }

    public RestoreStream Find(string name) => Programs.TryGetValue(name, out var stream) ? stream : throw new UnknownStreamException(name);
}

/// <summary>How one stream is written.</summary>
internal sealed class RestoreStream
{
    public required RestoreStreamInfo Info { get; init; }

    public required StreamProgram Stream { get; init; }

    public required FieldPath Id { get; init; }

    public required IReadOnlyList<FindRule> Find { get; init; }

    /// <summary>More than one way to create: each is tried when the platform refused the one before.</summary>
    public required IReadOnlyDictionary<WriteKind, IReadOnlyList<RestoreOperation>> Operations { get; init; }

    /// <summary>Fields that are not compared: read-only, volatile, and those that the manifest names besides.</summary>
    public required IReadOnlyList<FieldPath> NotCompared { get; init; }

    /// <summary>The only fields that are compared; null: all but <see cref="NotCompared"/>.</summary>
    public required IReadOnlyList<FieldPath>? Compared { get; init; }

    /// <summary>Records that must not be made anew, since the platform would forget a refusal of consent that they hold.</summary>
    public required IReadOnlyList<NeverCreate> NeverCreate { get; init; }

    public required string? IdempotencyHeader { get; init; }

    /// <summary>How records of a kind are written together; null when each goes alone.</summary>
    public BatchOperation? Batch(WriteKind kind) => Operations.TryGetValue(kind, out var operations) ? operations[0].Batch : null;
}

/// <param name="When">Holds for a record (<c>original</c>) that is left out.</param>
/// <param name="Because">Why, for people.</param>
/// <param name="UnlessAsked">True when it does not hold for a restore that was asked to bring the consent of the deleted back.</param>
internal sealed record NeverCreate(Template When, string Because, bool UnlessAsked);

/// <summary>One way to look for a live counterpart.</summary>
/// <param name="Records">Where candidates stand; empty when the answer itself is their list, null when it holds the one record.</param>
/// <param name="Where">What must hold of a candidate besides; it is <c>live</c> there.</param>
/// <param name="Missing">Statuses that mean "not this way", besides 404 and 410.</param>
internal sealed record FindRule(MatchRule Match, RestoreOperation Request, IReadOnlyList<string>? Records, Template? Where, IReadOnlySet<int> Missing)
{
    /// <summary>The same for many records at once; null when each is asked for alone.</summary>
    public FindBatch? Batch { get; init; }

    public bool IsMissing(int status) => status is 404 or 410 || Missing.Contains(status);
}

/// <summary>A field that is written under another name than it is read under.</summary>
internal sealed record RenamedField(FieldPath Field, string To);

/// <summary>One request of the restore language.</summary>
internal sealed class RestoreOperation
{
    public required HttpMethod Method { get; init; }

    public required Template Path { get; init; }

    public required Template? UrlBase { get; init; }

    public required RequestInputs Parameters { get; init; }

    public required RequestInputs SharedHeaders { get; init; }

    public required RequestInputs Headers { get; init; }

    public required TemplateTree? Json { get; init; }

    public required RequestInputs? Form { get; init; }

    public required BracketForm? FormTree { get; init; }

    public FieldPath? Record { get; init; }

    /// <summary>Fields that this operation alone does not send: ids inside a record that is created.</summary>
    public IReadOnlyList<FieldPath> Without { get; init; } = [];

    public FieldPath? NewId { get; init; }

    public string? IdHeader { get; init; }

    /// <summary>Tells from an answer of a good status that the platform refused the record all the same.</summary>
    public Template? RefusedWhen { get; init; }

    public bool IsRefused(HttpAnswer answer, ExpressionContext context) => RefusedWhen is not null && RefusedWhen.EvaluateCondition(answer.In(context));

    /// <summary>The same for many records at once.</summary>
    public BatchOperation? Batch { get; init; }

    /// <summary>Fields that this operation writes under another name, the last key of each.</summary>
    public IReadOnlyList<RenamedField> Rename { get; init; } = [];

    /// <summary>The record as this operation sends it.</summary>
    public PreparedRecord Fit(PreparedRecord prepared)
    {
        if (Without.Count == 0 && Rename.Count == 0)
            return prepared;

        var fitting = prepared.Record.Map.Copy();
        foreach (var field in Without)
            ValuePaths.Remove(fitting, field.Keys);
        var record = Value.Of(fitting);
        foreach (var renamed in Rename)
            record = Renamed(record, renamed);

        return prepared with { Record = record };
    }

    /// <summary>All of the request that may differ from record to record, besides its body.</summary>
    public string Address(ExpressionContext context) => string.Join('\n',
    [
        Path.EvaluateText(context) ?? "",
        .. Parameters.Evaluate(context).Pairs.Concat(Headers.Evaluate(context).Pairs).Select(pair => $"{pair.Key}={PythonText.Str(pair.Value)}"),
    ]);

    private static Value Renamed(Value record, RenamedField renamed)
    {
        var keys = renamed.Field.Keys;

        return keys.Count == 1 ? Moved(record) : ValuePaths.Change(record, [.. keys.Take(keys.Count - 1)], Moved);

        Value Moved(Value holder)
        {
            if (holder.Kind != ValueKind.Map || !holder.Map.TryGet(keys[^1], out var value))
                return holder;
            var map = holder.Map.Copy();
            map.Remove(keys[^1]);

            return Value.Of(map.Set(renamed.To, value));
        }
    }

    /// <summary>The request; its body is <paramref name="prepared"/> unless the manifest says otherwise.</summary>
    public RequestParts Build(HttpRequester requester, ExpressionContext context, Value prepared)
    {
        var start = (UrlBase ?? requester.UrlBase ?? requester.Url)?.EvaluateText(context) ?? "";
        var path = Path.EvaluateText(context) ?? "";
        var parts = new RequestParts
        {
            Method = Method,
            Url = path.StartsWith("http://", StringComparison.Ordinal) || path.StartsWith("https://", StringComparison.Ordinal) ? path : $"{start.TrimEnd('/')}/{path.TrimStart('/')}",
        };
        foreach (var (name, value) in requester.Headers.Evaluate(context).Pairs.Concat(SharedHeaders.Evaluate(context).Pairs).Concat(Headers.Evaluate(context).Pairs))
            parts.SetHeader(name, PythonText.Str(value));
        foreach (var (name, value) in Parameters.Evaluate(context).Pairs)
            parts.AddQuery(name, value);
        if (Form is not null)
        {
            foreach (var (name, value) in Form.Evaluate(context).Pairs)
                parts.AddForm(name, value);
        }
        else if (FormTree is not null)
        {
            parts.Form.AddRange(FormTree.Fields(context));
        }
        else if (Json is not null)
        {
            parts.JsonValue = Json.EvaluateKept(context);
        }
        else if (!prepared.IsUndefined)
        {
            parts.JsonValue = prepared;
        }

        return parts;
    }
}
