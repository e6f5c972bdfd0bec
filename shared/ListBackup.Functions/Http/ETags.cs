using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ListBackup.Functions;

/// <summary>Versions of resources as entity tags (RFC 9110 section 8.8.3): version 3 is <c>"3"</c>.</summary>
public static class ETags
{
    public static void WriteETag(this HttpContext http, long version) => http.Response.Headers.ETag = $"\"{version}\"";

    /// <summary>The version that the caller means to change, or null when they do not say (or say <c>*</c>).</summary>
    public static long? IfMatch(this HttpContext http)
    {
        var header = http.Request.Headers.IfMatch.ToString();
        if (header is "" or "*") return null;
        return EntityTagHeaderValue.TryParse(header, out var tag) && !tag.IsWeak && long.TryParse(tag.Tag.AsSpan().Trim('"'), out var version)
            ? version
            : throw Problem.Malformed($"If-Match must be one ETag that this API gave, such as \"3\".");
    }

    /// <summary>Refuses with 412 when the caller means another version than <paramref name="version"/>.</summary>
    public static void RequireMatch(this HttpContext http, long version, string what)
    {
        if (http.IfMatch() is { } meant && meant != version) throw Problem.Changed(what);
    }

    /// <summary>True when the caller already holds that version; then answer 304 without a body. Writes the ETag either way.</summary>
    public static bool IsNotModified(this HttpContext http, long version)
    {
        http.WriteETag(version);
        return http.Request.Headers.IfNoneMatch.ToString().Contains($"\"{version}\"", StringComparison.Ordinal);
    }
}
