namespace ListBackup.Connectors.Expressions;

/// <summary>The names that a manifest's expressions may use. Which of them have a value depends on the place.</summary>
internal enum Variable
{
    Config,
    Parameters,
    StreamSlice,
    NextPageToken,
    Response,
    Headers,
    Record,
    LastRecord,
    LastPageSize,
    SessionToken,
    CreationResponse,
    PollingResponse,
    DownloadTarget,
    ComponentsValues,
    StreamTemplateConfig,
    RawSchema,

    /// <summary>RemoveFields: the field that is asked about.</summary>
    Property,

    /// <summary>Restore: the record as backed up.</summary>
    Original,

    /// <summary>Restore: the live record.</summary>
    Live,

    /// <summary>Restore: the live record's id.</summary>
    LiveId,

    /// <summary>Restore: what the manifest's <c>tokens</c> brought.</summary>
    Tokens,

    /// <summary>Restore: what tells one write from all others, at each of its repetitions.</summary>
    IdempotencyKey,

    /// <summary>Restore: the records of a batch.</summary>
    Items,

    /// <summary>Restore: an entry of the answer to a batch.</summary>
    Result,

    /// <summary>Restore: the stream that is written, its <c>name</c> and <c>key</c>.</summary>
    Stream,
    Count,
}

internal static class Variables
{
    private static readonly Dictionary<string, Variable> Names = new(StringComparer.Ordinal)
    {
        ["config"] = Variable.Config,
        ["parameters"] = Variable.Parameters,
        ["stream_slice"] = Variable.StreamSlice,
        ["stream_interval"] = Variable.StreamSlice,
        ["stream_partition"] = Variable.StreamSlice,
        ["next_page_token"] = Variable.NextPageToken,
        ["response"] = Variable.Response,
        ["decoded_response"] = Variable.Response,
        ["headers"] = Variable.Headers,
        ["record"] = Variable.Record,
        ["last_record"] = Variable.LastRecord,
        ["last_page_size"] = Variable.LastPageSize,
        ["session_token"] = Variable.SessionToken,
        ["creation_response"] = Variable.CreationResponse,
        ["polling_response"] = Variable.PollingResponse,
        ["download_target"] = Variable.DownloadTarget,
        ["components_values"] = Variable.ComponentsValues,
        ["stream_template_config"] = Variable.StreamTemplateConfig,
        ["raw_schema"] = Variable.RawSchema,
        ["property"] = Variable.Property,
        ["original"] = Variable.Original,
        ["live"] = Variable.Live,
        ["live_id"] = Variable.LiveId,
        ["tokens"] = Variable.Tokens,
        ["idempotency_key"] = Variable.IdempotencyKey,
        ["items"] = Variable.Items,
        ["result"] = Variable.Result,
        ["stream"] = Variable.Stream,
    };

    public static Variable? Find(string name) => Names.TryGetValue(name, out var variable) ? variable : null;
}

/// <summary>The values of the variables at one place and time. Cheap to copy: <see cref="With"/> changes one and leaves the rest.</summary>
internal sealed class ExpressionContext
{
    private readonly Value[] _values;
    private Later[] _later = [];

    public ExpressionContext(TimeProvider clock)
    {
        Clock = clock;
        _values = new Value[(int)Variable.Count];
    }

    private ExpressionContext(TimeProvider clock, Value[] values, Later[] later)
    {
        Clock = clock;
        _values = values;
        _later = later;
    }

    public TimeProvider Clock { get; }

    public Value this[Variable variable]
    {
        get
        {
            var value = _values[(int)variable];

            return value.Kind != ValueKind.Absent || _later.Length == 0 ? value : Computed(variable);
        }
    }

    public ExpressionContext With(Variable variable, Value value) => Copy().Set(variable, value);

    /// <summary>The same values at another time.</summary>
    public ExpressionContext At(TimeProvider clock) => new(clock, (Value[])_values.Clone(), _later);

    /// <summary>A value that is computed when an expression asks for it, at each time: whoever makes it remembers it.</summary>
    public ExpressionContext WithLater(Variable variable, Func<Value> compute) => Copy().SetLater(variable, compute);

    /// <summary>Sets in place. Only for a context that its maker has not shared yet, or reuses record after record.</summary>
    public ExpressionContext Set(Variable variable, Value value)
    {
        _values[(int)variable] = value;

        return this;
    }

    public ExpressionContext SetLater(Variable variable, Func<Value> compute)
    {
        _values[(int)variable] = default;
        _later = [.. _later.Where(later => later.Variable != variable), new Later(variable, compute)];

        return this;
    }

    private ExpressionContext Copy() => new(Clock, (Value[])_values.Clone(), _later);

    private Value Computed(Variable variable)
    {
        foreach (var later in _later)
        {
            if (later.Variable == variable)
                return later.Compute();
        }

        return default;
    }

    private readonly record struct Later(Variable Variable, Func<Value> Compute);
}
