namespace ListBackup.Lambda.Tests.Http;

/// <summary>Events as an API Gateway HTTP API sends them, payload format 2.0.</summary>
internal static class GatewayEvents
{
    public static object Get(string path, string? sub = null) => Of("GET", path, claims: sub is null ? null : new() { ["sub"] = sub });

    public static object Of(
        string method, string rawPath, string query = "", string? body = null, bool isBase64 = false, string stage = "$default", string[]? cookies = null,
        Dictionary<string, string>? headers = null, Dictionary<string, string>? claims = null, string[]? scopes = null) => new
    {
        version = "2.0",
        routeKey = "$default",
        rawPath,
        rawQueryString = query,
        cookies,
        headers = headers ?? [],
        requestContext = new
        {
            accountId = "123456789012",
            apiId = "abc",
            domainName = "abc.execute-api.eu-central-1.amazonaws.com",
            authorizer = claims is null ? null : new { jwt = new { claims, scopes } },
            http = new { method, path = Uri.UnescapeDataString(rawPath), protocol = "HTTP/1.1", sourceIp = "203.0.113.7", userAgent = "test" },
            requestId = "JKJaXmPLvHcESHA=",
            stage,
            time = "10/Mar/2026:05:16:23 +0000",
            timeEpoch = 1583817383220,
        },
        body,
        isBase64Encoded = isBase64,
    };
}
