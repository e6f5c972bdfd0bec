using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

/// <summary>Answers of the API are JSON, refusals included.</summary>
internal static class Answers
{
    private const int BodyBytesMax = 1024 * 1024;

    public static Task JsonAsync(HttpContext context, int status, JsonNode body) => BytesAsync(context, status, CrmJson.Write(body));

    public static Task BytesAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    public static Task NothingAsync(HttpContext context)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    public static Task RefusalAsync(HttpContext context, int status, string code, string message, string? existingId = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (existingId is not null) error["existing_id"] = existingId;
        return JsonAsync(context, status, new JsonObject { ["error"] = error });
    }

    public static Task HtmlAsync(HttpContext context, int status, string html)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return context.Response.WriteAsync(html, Encoding.UTF8, context.RequestAborted);
    }

    public static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        var bytes = await BytesAsync(context, BodyBytesMax);
        try
        {
            return CrmJson.Parse(bytes);
        }
        catch (System.Text.Json.JsonException)
        {
            throw ApiProblem.BadRequest("The body is not a JSON object.");
        }
    }

    public static async Task<byte[]> BytesAsync(HttpContext context, int lengthMax)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            if (buffer.Length + read > lengthMax) throw new ApiProblem(413, "too_large", $"A body has at most {lengthMax} bytes.");
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}
