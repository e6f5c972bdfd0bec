using System.Text.Json;

namespace ListBackup.Domain;

/// <summary>The ids in a message's body that log lines of its delivery carry, so that one search finds all lines of an account, a source, a run or a job.</summary>
public static class CorrelationIds
{
    private static readonly string[] Names = ["accountId", "sourceId", "runId", "jobId"];

    /// <summary>Those that the body has, with the queue and the message's own id; none where it is no JSON object. Nothing else of a body is looked at.</summary>
    public static IReadOnlyList<KeyValuePair<string, object?>> Of(string queue, string id, string body)
    {
        var ids = new List<KeyValuePair<string, object?>> { new("queue", queue), new("messageId", id) };
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return ids;
            foreach (var name in Names)
            {
                if (document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String) ids.Add(new(name, value.GetString()));
            }
        }
        catch (JsonException)
        {
            // A queue takes any text.
        }
        return ids;
    }
}
