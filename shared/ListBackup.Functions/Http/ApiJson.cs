using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Functions;

/// <summary>How the API reads and writes JSON: camelCase, absent instead of null, unknown fields and numbers in quotes refused.</summary>
public static class ApiJson
{
    /// <summary>Adds a service's source-generated contracts. Every service calls it once for its own types.</summary>
    public static IServiceCollection AddApiJson(this IServiceCollection services, IJsonTypeInfoResolver contracts) =>
        services.ConfigureHttpJsonOptions(options =>
        {
            var json = options.SerializerOptions;
            json.TypeInfoResolverChain.Insert(0, contracts);
            json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.NumberHandling = JsonNumberHandling.Strict;
            json.AllowDuplicateProperties = false;
            json.RespectNullableAnnotations = true;
            json.RespectRequiredConstructorParameters = true;
            json.MaxDepth = 32;
        });
}

/// <summary>A page of a list. <see cref="NextCursor"/> is absent on the last page.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
