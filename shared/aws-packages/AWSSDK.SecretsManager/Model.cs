using System.Net;
using System.Text.Json.Serialization;
using Amazon.Runtime;

namespace Amazon.SecretsManager
{
    public class AmazonSecretsManagerException(string message, HttpStatusCode statusCode) : AmazonServiceException(message, null, statusCode);
}

namespace Amazon.SecretsManager.Model
{
    public class GetSecretValueRequest
    {
        /// <summary>The secret's name or ARN.</summary>
        public string? SecretId { get; set; }
    }

    public class GetSecretValueResponse
    {
        public string? SecretString { get; set; }
    }

    public class PutSecretValueRequest
    {
        public string? SecretId { get; set; }

        public string? SecretString { get; set; }

        public string? ClientRequestToken { get; set; }
    }

    public class PutSecretValueResponse;

    public class CreateSecretRequest
    {
        public string? Name { get; set; }

        public string? SecretString { get; set; }

        public string? ClientRequestToken { get; set; }
    }

    public class CreateSecretResponse;

    public class DeleteSecretRequest
    {
        public string? SecretId { get; set; }

        /// <summary>Deletes at once, without the days in which a secret could be restored.</summary>
        public bool? ForceDeleteWithoutRecovery { get; set; }
    }

    public class DeleteSecretResponse;

    public sealed class ResourceNotFoundException(string message, HttpStatusCode statusCode) : AmazonSecretsManagerException(message, statusCode);

    public sealed class ResourceExistsException(string message, HttpStatusCode statusCode) : AmazonSecretsManagerException(message, statusCode);

    internal sealed class WireError
    {
        [JsonPropertyName("__type")]
        public string? Type { get; set; }

        public string? Message { get; set; }

        [JsonPropertyName("message")]
        public string? LowerMessage { get; set; }
    }

    [JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(GetSecretValueRequest))]
    [JsonSerializable(typeof(GetSecretValueResponse))]
    [JsonSerializable(typeof(PutSecretValueRequest))]
    [JsonSerializable(typeof(PutSecretValueResponse))]
    [JsonSerializable(typeof(CreateSecretRequest))]
    [JsonSerializable(typeof(CreateSecretResponse))]
    [JsonSerializable(typeof(DeleteSecretRequest))]
    [JsonSerializable(typeof(DeleteSecretResponse))]
    [JsonSerializable(typeof(WireError))]
    internal sealed partial class Wire : JsonSerializerContext;
}
