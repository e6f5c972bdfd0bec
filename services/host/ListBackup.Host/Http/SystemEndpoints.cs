using System.Reflection;
using System.Text.Json.Serialization;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Host;

/// <summary>Whether the process lives, whether its parts work, and which version it is. Told to anybody: names of parts and true or false, nothing else.</summary>
public static class SystemEndpoints
{
    public static void MapSystem(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health", () => TypedResults.Ok(new Health("live")))
            .AllowsAnybody().WithName("getHealth").WithTags("system").WithSummary("Whether the process answers");
        app.MapGet("/ready", GetReady)
            .Produces<Readiness>().Produces<Readiness>(StatusCodes.Status503ServiceUnavailable).AllowsAnybody().WithName("getReady").WithTags("system").WithSummary("Whether every part works: each was tried just now");
        app.MapGet("/v1/version", () => TypedResults.Ok(ProductVersion.Current))
            .AllowsAnybody().WithName("getVersion").WithTags("system").WithSummary("Which version this is");
    }

    private static async Task<JsonHttpResult<Readiness>> GetReady(IEnumerable<IPartCheck> parts, CancellationToken cancellation)
    {
        var checks = new List<PartReadiness>();
        foreach (var part in parts) checks.Add(await CheckAsync(part, cancellation));
        var ready = checks.TrueForAll(check => check.Ready);
        return TypedResults.Json(new Readiness(ready, checks), HostJson.Default.Readiness, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<PartReadiness> CheckAsync(IPartCheck part, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await part.CheckAsync(limited.Token);
            return new(part.Name, true);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // Anybody may ask, so the answer does not say why; the part's own failures are in the log.
            return new(part.Name, false);
        }
    }
}

/// <summary>A part that the process needs to do its work, tried by using it.</summary>
public interface IPartCheck
{
    string Name { get; }

    /// <summary>Throws when the part does not work.</summary>
    Task CheckAsync(CancellationToken cancellation);
}

public sealed record Health(string Status);

public sealed record Readiness(bool Ready, IReadOnlyList<PartReadiness> Parts);

public sealed record PartReadiness(string Name, bool Ready);

public sealed record ProductVersion(string Version, string? Commit)
{
    public static ProductVersion Current { get; } = Read();

    // The SDK writes the commit behind a plus sign.
    private static ProductVersion Read() =>
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [var version, .. var rest]
            ? new(version, rest.FirstOrDefault())
            : throw new InvalidOperationException("The assembly has no version.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Readiness))]
[JsonSerializable(typeof(ProductVersion))]
// Never written by us (Problems does that): endpoints name it as what they may answer, and the OpenAPI document asks for its shape.
[JsonSerializable(typeof(Microsoft.AspNetCore.Mvc.ProblemDetails))]
// Types of query parameters, for the OpenAPI document.
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(DateTimeOffset?))]
public sealed partial class HostJson : JsonSerializerContext;
