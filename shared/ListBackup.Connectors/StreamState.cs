using System.Text.Json;

namespace ListBackup.Connectors;

/// <summary>
/// Where a read stands: opaque JSON, kept by the caller between reads. It is Airbyte's stream state (a cursor value, per-partition states,
/// or a global cursor), plus our own key <c>x-listbackup</c> with the page to go on with when a read stopped inside a slice.
/// </summary>
public sealed class StreamState
{
    private readonly Lazy<string> _json;

    private StreamState(Lazy<string> json) => _json = json;

    /// <exception cref="JsonException">The text is not a JSON object.</exception>
    public static StreamState Parse(string json)
    {
        using var document = JsonDocument.Parse(json);

        return document.RootElement.ValueKind == JsonValueKind.Object
            ? new StreamState(new Lazy<string>(json))
            : throw new JsonException("A stream state is a JSON object.");
    }

    /// <summary>States are made per page and mostly thrown away, so their text is written only when somebody asks.</summary>
    internal static StreamState From(Func<string> write) => new(new Lazy<string>(write));

    public string ToJson() => _json.Value;

    public override string ToString() => ToJson();
}
