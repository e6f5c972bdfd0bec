using System.Globalization;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

/// <summary>Query parameters; one that cannot be read is an error, never a default.</summary>
internal static class ApiQuery
{
    public static int Int(HttpContext context, string name, int fallback, int min = 0)
    {
        var text = Text(context, name);
        if (text is null) return fallback;
        if (!int.TryParse(text, NumberStyles.None, null, out var number) || number < min) throw Bad(name, $"a whole number from {min}");
        return number;
    }

    public static bool Bool(HttpContext context, string name) => Text(context, name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Bad(name, "true or false"),
    };

    /// <summary>Seconds since 1970, rounded down, so that "since" never skips what changed within that second.</summary>
    public static long? Time(HttpContext context, string name)
    {
        var text = Text(context, name);
        if (text is null) return null;
        if (!DateTimeOffset.TryParse(text, null, DateTimeStyles.AssumeUniversal, out var time)) throw Bad(name, "a time such as 2026-01-31T12:00:00Z");
        return time.ToUnixTimeSeconds();
    }

    public static long? Id(HttpContext context, RecordKind kind, string name)
    {
        var text = Text(context, name);
        if (text is null) return null;
        return RecordKinds.TryParseId(kind, text, out var number) ? number : throw Bad(name, $"the id of a {RecordKinds.Object(kind)}");
    }

    public static string? Text(HttpContext context, string name)
    {
        var text = (string?)context.Request.Query[name];
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>An id in the path that cannot be one names nothing.</summary>
    public static long RouteId(HttpContext context, RecordKind kind, string name = "id") =>
        RecordKinds.TryParseId(kind, (string?)context.Request.RouteValues[name], out var number)
            ? number
            : throw ApiProblem.NotFound(RecordKinds.Object(kind));

    private static ApiProblem Bad(string name, string expected) => ApiProblem.BadRequest($"The parameter {name} is {expected}.");
}
