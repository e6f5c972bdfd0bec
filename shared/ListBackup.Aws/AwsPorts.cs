using Amazon.DynamoDBv2;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SecretsManager;
using Amazon.SQS;
using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ListBackup.Aws;

/// <summary>Chooses AWS for every port. The one place that knows which adapter serves which port on AWS.</summary>
public static class AwsPorts
{
    // The SDK's own defaults wait for minutes, longer than most of our functions run.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ObjectCallTimeout = TimeSpan.FromSeconds(60);
    private const int RetriesMax = 3;

    public static IHostApplicationBuilder AddAwsPorts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddAwsPorts();
        return builder;
    }

    public static IServiceCollection AddAwsPorts(this IServiceCollection services)
    {
        services.AddSingleton(provider => AwsSettings.Read(provider.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>()));

        services.AddSingleton<IAmazonDynamoDB>(provider => new AmazonDynamoDBClient(Configure(new AmazonDynamoDBConfig(), provider, CallTimeout)));
        services.AddSingleton<IAmazonS3>(provider => new AmazonS3Client(S3(provider)));
        services.AddSingleton<IAmazonSQS>(provider => new AmazonSQSClient(Configure(new AmazonSQSConfig(), provider, CallTimeout)));
        services.AddSingleton<IAmazonKeyManagementService>(provider =>
            new AmazonKeyManagementServiceClient(Configure(new AmazonKeyManagementServiceConfig(), provider, CallTimeout)));
        services.AddSingleton<IAmazonSecretsManager>(provider => new AmazonSecretsManagerClient(SecretsManager(provider)));

        services.AddSingleton<IItemStore, DynamoItems>();
        services.AddSingleton<IObjectStores, S3ObjectStores>();
        services.AddSingleton<IQueues, SqsQueues>();
        services.AddSingleton<IDeadLetters, SqsDeadLetters>();
        services.AddSingleton<IKeys, KmsKeys>();
        services.AddSingleton<ISecrets, SecretsManagerSecrets>();
        services.AddSingleton<IIdentities, CognitoIdentities>();
        services.AddSingleton<IMail, SesMail>();
        return services;
    }

    private static AmazonS3Config S3(IServiceProvider provider)
    {
        var config = Configure(new AmazonS3Config(), provider, ObjectCallTimeout);
        // An emulator has no host name per bucket.
        config.ForcePathStyle = config.ServiceURL is not null;
        return config;
    }

    private static AmazonSecretsManagerConfig SecretsManager(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<AwsSettings>();
        return new() { ServiceURL = settings.Endpoint, AuthenticationRegion = settings.Region, Timeout = CallTimeout, MaxErrorRetry = RetriesMax };
    }

    private static TConfig Configure<TConfig>(TConfig config, IServiceProvider provider, TimeSpan timeout)
        where TConfig : ClientConfig
    {
        var settings = provider.GetRequiredService<AwsSettings>();
        if (settings.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = settings.Region;
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(settings.Region);
        }
        config.Timeout = timeout;
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = RetriesMax;
        return config;
    }
}
