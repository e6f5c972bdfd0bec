using System.Text.Json.Serialization;

namespace Amazon.Lambda.CloudWatchEvents;

/// <summary>An event as EventBridge sends it; <typeparamref name="T"/> is what the sender put into it.</summary>
public class CloudWatchEvent<T>
{
    public string? Id { get; set; }

    public string? Source { get; set; }

    [JsonPropertyName("detail-type")]
    public string? DetailType { get; set; }

    /// <summary>When it happened, in UTC.</summary>
    public DateTime Time { get; set; }

    public List<string>? Resources { get; set; }

    public T? Detail { get; set; }
}
