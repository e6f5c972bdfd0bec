using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace ListBackup.Host;

/// <summary>The OpenAPI 3.1 document, made from the endpoints themselves, and readable pages of it that need nothing from the network.</summary>
public static class ApiDocument
{
    public const string Address = "/openapi/v1.json";
    private const string SecurityScheme = "accessToken";
    private const string ProblemSchema = "Problem";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(DescribeDocument);
        options.AddOperationTransformer(DescribeOperation);
        options.AddSchemaTransformer(DescribeSchema);
        var named = new ConcurrentDictionary<string, Type>(StringComparer.Ordinal);
        options.CreateSchemaReferenceId = type => NameOf(type, named);
    });

    // The generator takes two types of one name for one, and tells of the first wherever the second stands.
    private static string? NameOf(JsonTypeInfo type, ConcurrentDictionary<string, Type> named)
    {
        if (OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } name) return null;
        var bare = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        var known = named.GetOrAdd(name, bare);
        return known == bare ? name : throw new InvalidOperationException($"{known} and {bare} would both be the schema {name}.");
    }

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowsAnybody();
        app.MapScalarApiReference("/docs", (options, http) =>
        {
            var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
            // The viewer sets styles by script; scripts are its own two files and the one inline start that carries the nonce.
            http.Response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
            options.Nonce = nonce;
            options.Title = "ListBackup API";
            options.OpenApiRoutePattern = Address;
            options.DefaultFonts = false;
            options.Telemetry = false;
        }).AllowsAnybody();
    }

    private static Task DescribeDocument(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new()
        {
            Title = "ListBackup",
            Version = "1",
            Description = "Backup of the data that businesses keep in other people's software.",
        };
        // Where it is served differs per installation; a client resolves the paths against the document's own address.
        document.Servers = [new() { Url = "/" }];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [SecurityScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "An access token from POST /v1/auth/login or from an API key.",
            },
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        document.Components.Schemas[ProblemSchema] = Problem();
        // Answers leave out what is null, and a request may.
        foreach (var schema in document.Components.Schemas.Values.OfType<OpenApiSchema>())
        {
            foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal))
            {
                if (MayBeNull(property)) schema.Required?.Remove(name);
            }
        }
        return Task.CompletedTask;
    }

    private static Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        DeclareRouteParameters(operation, context);
        ApiExamples.AddTo(operation);
        var demanded = context.Description.ActionDescriptor.EndpointMetadata.OfType<PermissionMetadata>().LastOrDefault()?.Permission;
        if (demanded is { } permission)
        {
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = [] }];
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
            operation.Extensions["x-permission"] = new JsonNodeExtension(JsonValue.Create(permission.ToString()));
        }
        else
        {
            operation.Security = [];
        }
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "The request was not carried out; see the problem's type.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [Problems.ContentType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(ProblemSchema, context.Document) },
            },
        };
        // Endpoints name the framework's type for their refusals; what is written is ours.
        foreach (var response in operation.Responses.Values)
        {
            if (response.Content?.TryGetValue(Problems.ContentType, out var media) is true && media is OpenApiMediaType refusal)
                refusal.Schema = new OpenApiSchemaReference(ProblemSchema, context.Document);
        }
        foreach (var parameter in operation.Parameters ?? [])
        {
            var type = context.Description.ParameterDescriptions.FirstOrDefault(p => p.Name == parameter.Name)?.Type;
            if (type is not null && IdPrefix(type) is { } prefix && parameter is OpenApiParameter own) own.Schema = IdSchema(new(), prefix);
            // One that may come many times may come not at all: the binder makes an empty list of it.
            if (parameter is OpenApiParameter { In: ParameterLocation.Query, Schema.Type: JsonSchemaType.Array } list) list.Required = false;
        }
        return Task.CompletedTask;
    }

    /// <summary>An endpoint that takes its account from the permission check does not bind the route's <c>accountId</c>; callers must send it all the same.</summary>
    private static void DeclareRouteParameters(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        operation.Parameters ??= [];
        foreach (var segment in (context.Description.RelativePath ?? "").Split('/'))
        {
            if (segment is not ['{', .. var inner, '}'] || inner.Split(':')[0] is not { Length: > 0 } name) continue;
            if (operation.Parameters.Any(p => p.In == ParameterLocation.Path && p.Name == name)) continue;
            operation.Parameters.Insert(0, new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Schema = name == Permissions.AccountParameter ? IdSchema(new(), AccountId.Prefix) : new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    /// <summary>Ids are texts of a known form; the generator sees only a type with a converter of its own.</summary>
    private static Task DescribeSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (IdPrefix(context.JsonTypeInfo.Type) is { } prefix) IdSchema(schema, prefix);
        return Task.CompletedTask;
    }

    private static bool MayBeNull(IOpenApiSchema schema) =>
        schema.Type?.HasFlag(JsonSchemaType.Null) is true || (schema.OneOf ?? schema.AnyOf)?.Any(one => one.Type == JsonSchemaType.Null) is true;

    private static OpenApiSchema IdSchema(OpenApiSchema schema, string prefix)
    {
        schema.Type = JsonSchemaType.String;
        schema.Pattern = $"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$";
        schema.Properties?.Clear();
        return schema;
    }

    private static string? IdPrefix(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsValueType && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IId<>))
            ? (string?)type.GetProperty(nameof(IId<>.Prefix))?.GetValue(null)
            : null;
    }

    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "RFC 9457 problem details.",
        Required = new HashSet<string>(["type", "title", "status", "detail"], StringComparer.Ordinal),
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri", Description = "Stable name of the problem." },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What was attempted and what to do, for people." },
            ["instance"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Leads to the log." },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "For 422: messages by field.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
            ["retryAfter"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "Seconds." },
        },
    };
}
