using System.Text.Json;

namespace ListBackup.Connectors.Hooks;

/// <summary>
/// How a platform calls when something changed there, as <c>x-listbackup.webhooks</c> says; see docs/connectors/x-listbackup.md. A call says only where to look:
/// nothing in it is taken for a record.
/// </summary>
public sealed record WebhookDescription
{
    /// <summary>More events in one call are read no further; platforms send at most a hundred.</summary>
    public const int EventsMax = 1_000;

    /// <summary>How calls are signed; null: they are not, and the address that nobody else knows is all the proof there is.</summary>
    public WebhookSignature? Signature { get; init; }

    /// <summary>Where the secret stands in the connection's configuration, when it stands there.</summary>
    public FieldPath? SecretField { get; init; }

    /// <summary>Where the list of events lies in the body; null: the body is one event.</summary>
    public FieldPath? Events { get; init; }

    /// <summary>True: the body itself is the list of events.</summary>
    public bool IsList { get; init; }

    /// <summary>Where an event's id lies in it. Null: it has none that nobody else has, and the signature stands for it.</summary>
    public FieldPath? Id { get; init; }

    /// <summary>Where an event's type lies in it.</summary>
    public FieldPath? Type { get; init; }

    /// <summary>The header that tells the type of all events of a call.</summary>
    public string? TypeHeader { get; init; }

    /// <summary>What each type changes. Without a type every event changes all streams that are named here.</summary>
    public required IReadOnlyList<WebhookTopic> Topics { get; init; }

    /// <summary>Every stream that an event may change.</summary>
    public IReadOnlyList<string> Streams => [.. Topics.SelectMany(topic => topic.Streams).Distinct(StringComparer.Ordinal)];

    /// <summary>The streams that a call is about, and the ids of its events.</summary>
    /// <returns>Null when the body is not what the manifest says.</returns>
    public WebhookEvents? Read(WebhookCall call)
    {
        if (Type is null && Id is null) return new WebhookEvents(StreamsOf(TypeHeader is null ? null : call.Header(TypeHeader) ?? ""), []);
        try
        {
            using var body = JsonDocument.Parse(call.Body, new JsonDocumentOptions { MaxDepth = 64 });
            return ListOf(body.RootElement) is { } events ? Read(call, events) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape, is JSON by its grammar and no text: only who reads it finds that out.
            return null;
        }
    }

    private WebhookEvents Read(WebhookCall call, IReadOnlyList<JsonElement> events)
    {
        var streams = new HashSet<string>(StringComparer.Ordinal);
        var ids = new List<string>();
        foreach (var told in events)
        {
            var type = TypeHeader is { } header ? call.Header(header) ?? "" : Type is null ? null : Text(told, Type) ?? "";
            streams.UnionWith(StreamsOf(type));
            if (Id is not null && Text(told, Id) is { } id) ids.Add(id);
        }

        // Ids stand for the call only when every event has one.
        return new WebhookEvents([.. streams.Order(StringComparer.Ordinal)], ids.Count == events.Count ? ids : []);
    }

    private IReadOnlyList<JsonElement>? ListOf(JsonElement body)
    {
        var list = Events is null ? body : Find(body, Events);
        if (Events is null && !IsList) return body.ValueKind == JsonValueKind.Object ? [body] : null;

        return list is { ValueKind: JsonValueKind.Array } ? [.. list.Value.EnumerateArray().Take(EventsMax)] : null;
    }

    /// <param name="type">Null: events of this platform have no type.</param>
    private IReadOnlyList<string> StreamsOf(string? type) =>
        [.. Topics.Where(topic => type is null || topic.Matches(type)).SelectMany(topic => topic.Streams).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string? Text(JsonElement told, FieldPath path) => Find(told, path) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    private static JsonElement? Find(JsonElement value, FieldPath path)
    {
        foreach (var key in path.Keys)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(key, out value)) return null;
        }

        return value;
    }
}

/// <summary>Events of one type, or of all types that begin alike, and the streams in which they change something.</summary>
/// <param name="Pattern">The type; an asterisk at its end stands for any rest.</param>
/// <param name="Streams">At least one.</param>
public sealed record WebhookTopic(string Pattern, IReadOnlyList<string> Streams)
{
    public bool Matches(string type) => Pattern.EndsWith('*') ? type.StartsWith(Pattern.AsSpan(0, Pattern.Length - 1), StringComparison.Ordinal) : type == Pattern;
}

/// <summary>What a call tells.</summary>
/// <param name="Streams">Where to look; none when the connector has no stream for it.</param>
/// <param name="Ids">Of its events; empty when the platform gives none that can be relied on.</param>
public sealed record WebhookEvents(IReadOnlyList<string> Streams, IReadOnlyList<string> Ids);

/// <summary>A call as it arrived.</summary>
/// <param name="Method">POST.</param>
/// <param name="Url">The address as the platform knows it.</param>
/// <param name="Header">The value of a header, by a name of any case; null when there is none.</param>
/// <param name="Body">Its bytes, untouched: whoever reads and writes them again has other bytes than were signed.</param>
public sealed record WebhookCall(string Method, string Url, Func<string, string?> Header, ReadOnlyMemory<byte> Body)
{
    /// <summary>Bodies hold the customers' data.</summary>
    public override string ToString() => $"{Method} of {Body.Length} bytes";
}
