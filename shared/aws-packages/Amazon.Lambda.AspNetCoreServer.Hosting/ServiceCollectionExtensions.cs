using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Amazon.Lambda.AspNetCoreServer.Hosting.Internal;
using Amazon.Lambda.Core;
using Amazon.Lambda.Serialization.SystemTextJson;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

// The namespace is the real package's.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Whose payloads the function receives.</summary>
public enum LambdaEventSource
{
    /// <summary>An API Gateway HTTP API, payload format 2.0.</summary>
    HttpApi,
}

public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Within Lambda the application is served by the Runtime API's events instead of Kestrel's sockets. Elsewhere this does nothing, so the same
    /// program runs as a web server.
    /// </summary>
    public static IServiceCollection AddAWSLambdaHosting<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services, LambdaEventSource eventSource, SourceGeneratorLambdaJsonSerializer<T> serializer)
        where T : JsonSerializerContext
    {
        if (eventSource != LambdaEventSource.HttpApi) throw new ArgumentOutOfRangeException(nameof(eventSource), eventSource, "Only HTTP APIs are served.");
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API"))) return services;

        services.TryAddSingleton<ILambdaSerializer>(serializer);
        services.Replace(ServiceDescriptor.Singleton<IServer, LambdaServer>());
        return services;
    }
}
