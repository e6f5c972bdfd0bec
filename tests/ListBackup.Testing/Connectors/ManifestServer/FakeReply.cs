using System.Text;

namespace ListBackup.Testing.Manifests;

/// <summary>An answer of the fake platform.</summary>
internal sealed record FakeReply(int Status, byte[] Body, string ContentType = "application/json")
{
    /// <summary>A token endpoint's answer to wrong credentials, which is no 401.</summary>
    public bool IsRefusal { get; init; }

    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    public static FakeReply Json(string json, int status = 200) => new(status, Encoding.UTF8.GetBytes(json));
}
