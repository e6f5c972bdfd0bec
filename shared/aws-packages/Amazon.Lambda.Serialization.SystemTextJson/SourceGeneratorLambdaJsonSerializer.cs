using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.Serialization.SystemTextJson;

/// <summary>
/// Reads and writes through a source-generated context. Property names are matched without regard to case (Lambda's events are camelCase, the event
/// types PascalCase), and what is null is not written.
/// </summary>
public class SourceGeneratorLambdaJsonSerializer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSGContext>
    : ILambdaSerializer
    where TSGContext : JsonSerializerContext
{
    private readonly TSGContext _context;

    public SourceGeneratorLambdaJsonSerializer()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNameCaseInsensitive = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            // The answer of an API is JSON within JSON; six bytes for each quote would eat into the six megabytes that it may have.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        _context = (TSGContext)Activator.CreateInstance(typeof(TSGContext), options)!; // never null: TSGContext is no Nullable<T>
    }

    public T Deserialize<T>(Stream requestStream) => JsonSerializer.Deserialize(requestStream, TypeInfo<T>())!; // null where the event is null

    public void Serialize<T>(T response, Stream responseStream) => JsonSerializer.Serialize(responseStream, response, TypeInfo<T>());

    private JsonTypeInfo<T> TypeInfo<T>() =>
        _context.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
        ?? throw new JsonSerializerException($"{typeof(TSGContext)} does not know {typeof(T)}: add [JsonSerializable(typeof({typeof(T).Name}))] to it.");
}

public class JsonSerializerException(string message) : Exception(message);
