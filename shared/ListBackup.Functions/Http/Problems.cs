using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ListBackup.Functions;

/// <summary>Turns every refusal and failure into RFC 9457 problem details. The only place that knows which refusal has which status.</summary>
public static class Problems
{
    public const string ContentType = "application/problem+json";

    /// <summary>The problem's <c>type</c> is this and its code; it resolves to the page that explains it.</summary>
    public const string TypeBase = "https://listbackup.dev/problems/";

    private const string BindingFailure = "Failed to bind parameter";
    private const string NoBody = "Implicit body inferred";

    /// <summary>Put first in the pipeline: catches what everything after it throws, and gives bare error statuses a body.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
            if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null })
                await WriteAsync(http, OfStatus(http.Response.StatusCode));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to read an answer.
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            // One of the two places that catch everything: whatever went wrong, the asker gets a problem and the log the reason.
            var problem = OfException(exception);
            if (problem.Status >= 500)
                Logger(http).LogError(exception, "{Method} {Path} failed", http.Request.Method, Place(http));
            await WriteAsync(http, problem);
        }
    });

    public static async Task WriteAsync(HttpContext http, ProblemBody problem)
    {
        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = ContentType;
        if (problem.RetryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString();
        problem = problem with { Instance = http.Request.Path.Value, TraceId = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier };
        await JsonSerializer.SerializeAsync(http.Response.Body, problem, ProblemJson.Default.ProblemBody, http.RequestAborted);
    }

    private static ProblemBody OfException(Exception exception) => exception switch
    {
        Problem problem => OfProblem(problem),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new("too-large", "Too large", 413, "The request body is larger than this endpoint accepts."),
        BadHttpRequestException { InnerException: JsonException json } => new("malformed", "Malformed", 400, Explain(json)),
        BadHttpRequestException bad when bad.Message.StartsWith(BindingFailure, StringComparison.Ordinal) => new("malformed", "Malformed", 400, ExplainParameter(bad.Message)),
        BadHttpRequestException bad when bad.Message.StartsWith(NoBody, StringComparison.Ordinal) => new("malformed", "Malformed", 400, "This endpoint needs a JSON body, and there was none."),
        BadHttpRequestException bad => new("malformed", "Malformed", bad.StatusCode, bad.Message),
        JsonException json => new("malformed", "Malformed", 400, Explain(json)),
        ConditionFailedException => new("conflict", "Conflict", 409, "Somebody else changed the same thing at the same moment. Read it again and repeat your change."),
        // An object store wraps it: the vault knows nothing of our domain.
        StorageFullException or { InnerException: StorageFullException } => new("storage-full", "Storage full", 507, "The disk of this installation is full. Nothing that was saved before is lost. Free some space and repeat."),
        StorageException => new("storage-failed", "Storage failed", 503, "The storage of this installation failed. Nothing that was saved before is lost. It was logged under the trace id."),
        _ => new("internal", "Internal error", 500, "Something went wrong on our side. It was logged under the trace id."),
    };

    private static ProblemBody OfProblem(Problem problem) => new(problem.Code, Title(problem.Kind), Status(problem.Kind), problem.Message)
    {
        Errors = problem.Errors.Count == 0 ? null : problem.Errors,
        RetryAfter = problem.RetryAfter is { } wait ? (int)Math.Ceiling(wait.TotalSeconds) : null,
    };

    private static ProblemBody OfStatus(int status) => status switch
    {
        401 => new("not-authenticated", "Not signed in", 401, "Sign in, or send a valid access token as 'Authorization: Bearer …'."),
        403 => new("not-allowed", "Not allowed", 403, "You may not do this."),
        404 => new("not-found", "Not found", 404, "There is nothing at this address."),
        405 => new("method-not-allowed", "Method not allowed", 405, "This address does not answer this method; see the Allow header."),
        413 => new("too-large", "Too large", 413, "The request body is larger than this endpoint accepts."),
        415 => new("media-type", "Unsupported media type", 415, "Send the body as application/json."),
        429 => new("too-many-requests", "Too many requests", 429, "Wait and ask again."),
        _ => new("error", "Error", status, "The request was not carried out."),
    };

    // The reader's message may quote what was sent; the path and position are enough to find it.
    private static string Explain(JsonException json) =>
        json.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? $"The body has a field that this endpoint does not know: {json.Path}."
            : $"The body is not the JSON that this endpoint expects, at {json.Path ?? "$"} (line {(json.LineNumber ?? 0) + 1}, byte {json.BytePositionInLine ?? 0}).";

    // The framework's message names our types: Failed to bind parameter "SourceId sourceId" from "x".
    private static string ExplainParameter(string message) => message.Split('"') is [_, var parameter, ..]
        ? $"The value of '{parameter[(parameter.LastIndexOf(' ') + 1)..]}' in the address is not of its form."
        : "A value in the address is not of its form.";

    private static int Status(ProblemKind kind) => kind switch
    {
        ProblemKind.Malformed => 400,
        ProblemKind.NotAuthenticated => 401,
        ProblemKind.NotAllowed => 403,
        ProblemKind.NotFound => 404,
        ProblemKind.Conflict => 409,
        ProblemKind.Changed => 412,
        ProblemKind.TooLarge => 413,
        ProblemKind.Invalid => 422,
        ProblemKind.TooMany => 429,
        ProblemKind.NotSupported => 501,
        ProblemKind.Upstream => 502,
        _ => throw new UnreachableException(),
    };

    private static string Title(ProblemKind kind) => kind switch
    {
        ProblemKind.Malformed => "Malformed",
        ProblemKind.Invalid => "Invalid",
        ProblemKind.NotAuthenticated => "Not signed in",
        ProblemKind.NotAllowed => "Not allowed",
        ProblemKind.NotFound => "Not found",
        ProblemKind.Conflict => "Conflict",
        ProblemKind.Changed => "Changed meanwhile",
        ProblemKind.TooLarge => "Too large",
        ProblemKind.TooMany => "Too many requests",
        ProblemKind.Upstream => "The platform failed",
        ProblemKind.NotSupported => "Not supported",
        _ => throw new UnreachableException(),
    };

    /// <summary>For the log. What anybody may call has its secret in the address, if it has one.</summary>
    private static string? Place(HttpContext http) => http.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<PermissionMetadata>() is { Permission: null }
        ? endpoint.RoutePattern.RawText
        : http.Request.Path.Value;

    private static ILogger Logger(HttpContext http) => http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("ListBackup.Http");
}

/// <summary>The body of an error answer, RFC 9457 section 3 with our members <c>traceId</c>, <c>errors</c> and <c>retryAfter</c> (seconds).</summary>
public sealed record ProblemBody([property: JsonIgnore] string Code, string Title, int Status, string Detail)
{
    public string Type => Problems.TypeBase + Code;

    public string? Instance { get; init; }

    public string? TraceId { get; init; }

    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public int? RetryAfter { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
public sealed partial class ProblemJson : JsonSerializerContext;
