using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.SecretsManager.Model;

namespace Amazon.SecretsManager;

public interface IAmazonSecretsManager : IDisposable
{
    /// <exception cref="ResourceNotFoundException">There is no such secret, or it is being deleted.</exception>
    Task<GetSecretValueResponse> GetSecretValueAsync(GetSecretValueRequest request, CancellationToken cancellationToken = default);

    /// <exception cref="ResourceNotFoundException">There is no such secret.</exception>
    Task<PutSecretValueResponse> PutSecretValueAsync(PutSecretValueRequest request, CancellationToken cancellationToken = default);

    /// <exception cref="ResourceExistsException">There is one of that name.</exception>
    Task<CreateSecretResponse> CreateSecretAsync(CreateSecretRequest request, CancellationToken cancellationToken = default);

    /// <exception cref="ResourceNotFoundException">There is no such secret.</exception>
    Task<DeleteSecretResponse> DeleteSecretAsync(DeleteSecretRequest request, CancellationToken cancellationToken = default);
}

public class AmazonSecretsManagerConfig
{
    /// <summary>An address other than the region's own, such as an emulator's.</summary>
    public string? ServiceURL { get; set; }

    /// <summary>The region that <see cref="ServiceURL"/> stands for. Else, and without a URL: AWS_REGION.</summary>
    public string? AuthenticationRegion { get; set; }

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a throttled or failed call is repeated.</summary>
    public int MaxErrorRetry { get; set; } = 3;
}

/// <summary>Secrets Manager over its wire protocol, AWS JSON 1.1 signed with Signature Version 4.</summary>
public sealed class AmazonSecretsManagerClient : IAmazonSecretsManager
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly AWSCredentials _credentials;
    private readonly AmazonSecretsManagerConfig _config;
    private readonly string _region;
    private readonly Uri _endpoint;
    private readonly HttpClient _http;

    public AmazonSecretsManagerClient(AmazonSecretsManagerConfig config)
        : this(DefaultAWSCredentialsIdentityResolver.GetCredentials(), config)
    {
    }

    public AmazonSecretsManagerClient(AWSCredentials credentials, AmazonSecretsManagerConfig config)
    {
        _credentials = credentials;
        _config = config;
        _region = config.AuthenticationRegion ?? Environment.GetEnvironmentVariable("AWS_REGION")
            ?? throw new AmazonClientException("No region: set AuthenticationRegion or AWS_REGION.");
        _endpoint = new(config.ServiceURL ?? $"https://secretsmanager.{_region}.amazonaws.com/");
        _http = new() { Timeout = config.Timeout };
    }

    public Task<GetSecretValueResponse> GetSecretValueAsync(GetSecretValueRequest request, CancellationToken cancellationToken = default) =>
        CallAsync("GetSecretValue", request, Wire.Default.GetSecretValueRequest, Wire.Default.GetSecretValueResponse, cancellationToken);

    public Task<PutSecretValueResponse> PutSecretValueAsync(PutSecretValueRequest request, CancellationToken cancellationToken = default)
    {
        // The same token on every attempt makes a repeated call one change.
        request.ClientRequestToken ??= Guid.NewGuid().ToString();
        return CallAsync("PutSecretValue", request, Wire.Default.PutSecretValueRequest, Wire.Default.PutSecretValueResponse, cancellationToken);
    }

    public Task<CreateSecretResponse> CreateSecretAsync(CreateSecretRequest request, CancellationToken cancellationToken = default)
    {
        request.ClientRequestToken ??= Guid.NewGuid().ToString();
        return CallAsync("CreateSecret", request, Wire.Default.CreateSecretRequest, Wire.Default.CreateSecretResponse, cancellationToken);
    }

    public Task<DeleteSecretResponse> DeleteSecretAsync(DeleteSecretRequest request, CancellationToken cancellationToken = default) =>
        CallAsync("DeleteSecret", request, Wire.Default.DeleteSecretRequest, Wire.Default.DeleteSecretResponse, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        string operation, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResponse> responseType, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request, requestType);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await AttemptAsync(operation, body, responseType, cancellation);
            }
            catch (Exception exception) when (attempt < _config.MaxErrorRetry && IsPassing(exception, cancellation))
            {
                await Task.Delay(RetryDelay * Math.Pow(2, attempt) * (1 + Random.Shared.NextDouble()), cancellation);
            }
        }
    }

    private async Task<TResponse> AttemptAsync<TResponse>(string operation, byte[] body, JsonTypeInfo<TResponse> responseType, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, _endpoint)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/x-amz-json-1.1") } },
        };
        message.Headers.Add("X-Amz-Target", "secretsmanager." + operation);
        var credentials = await _credentials.GetCredentialsAsync();
        SignatureV4.Sign(message, body, credentials, _region, "secretsmanager", TimeProvider.System.GetUtcNow());

        using var answer = await _http.SendAsync(message, cancellation);
        await using var content = await answer.Content.ReadAsStreamAsync(cancellation);
        if (!answer.IsSuccessStatusCode) throw await ErrorOfAsync(operation, answer.StatusCode, content, cancellation);
        return await JsonSerializer.DeserializeAsync(content, responseType, cancellation)
            ?? throw new AmazonSecretsManagerException($"{operation} was answered with null.", answer.StatusCode);
    }

    private static async Task<AmazonSecretsManagerException> ErrorOfAsync(string operation, HttpStatusCode status, Stream content, CancellationToken cancellation)
    {
        WireError? error = null;
        try
        {
            error = await JsonSerializer.DeserializeAsync(content, Wire.Default.WireError, cancellation);
        }
        catch (JsonException)
        {
            // A proxy's or load balancer's page; the status says enough.
        }
        var type = error?.Type?.Split('#')[^1].Split(':')[0];
        var message = $"{operation}: {error?.Message ?? error?.LowerMessage ?? $"status {(int)status}"}";
        return type switch
        {
            "ResourceNotFoundException" => new ResourceNotFoundException(message, status),
            "ResourceExistsException" => new ResourceExistsException(message, status),
            _ => new AmazonSecretsManagerException(message, status) { ErrorCode = type },
        };
    }

    private static bool IsPassing(Exception exception, CancellationToken cancellation) => exception switch
    {
        AmazonSecretsManagerException service => (int)service.StatusCode >= 500 || service.ErrorCode is "ThrottlingException" or "TooManyRequestsException",
        HttpRequestException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested, // one attempt's time-out
        _ => false,
    };
}
