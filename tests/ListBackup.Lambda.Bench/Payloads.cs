namespace ListBackup.Lambda.Bench;

internal static class Payloads
{
    // Answered without a call to AWS, so that the function is measured and not an emulator.
    private const string Health = """
        {"version":"2.0","routeKey":"$default","rawPath":"/health","rawQueryString":"","headers":{"host":"x"},"requestContext":{"http":{"method":"GET","path":"/health","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"bench"},"requestId":"r","stage":"$default"},"isBase64Encoded":false}
        """;

    // A batch without messages builds everything that a batch with messages needs, and asks for nothing.
    private const string EmptyBatch = """{"Records":[]}""";

    public static IReadOnlyList<(string Project, string Payload)> All { get; } = [("ListBackup.Sources.Api", Health), ("ListBackup.Sources.SyncPlanner", EmptyBatch)];
}
