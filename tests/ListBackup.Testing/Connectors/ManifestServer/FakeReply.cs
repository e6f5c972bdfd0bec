using System.Text;

namespace ListBackup.Testing.Manifests;

/// <summary>An answer of the fake platform.</summary>
internal sealed record FakeReply(int Status, byte[] Body, string ContentType = "application/json")
{
    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    public static FakeReply Json(string json, int status = 200) => new(status, Encoding.UTF8.GetBytes(json));
}
