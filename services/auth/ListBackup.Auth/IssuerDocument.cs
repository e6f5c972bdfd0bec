using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

/// <summary>A published JSON document that verifiers may keep for a few minutes.</summary>
internal static class IssuerDocument
{
    public static async Task<ContentHttpResult> WriteAsync(HttpContext http, Func<CancellationToken, Task<string>> read, CancellationToken cancellation)
    {
        var json = await read(cancellation);
        http.Response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Text(json, "application/json");
    }
}
