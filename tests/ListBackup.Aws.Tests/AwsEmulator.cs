using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.SQS;
using ListBackup.Aws;
using ListBackup.Aws.Tests;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

[assembly: AssemblyFixture(typeof(AwsEmulator))]

namespace ListBackup.Aws.Tests;

/// <summary>One emulator for all tests of this program, with the tables, queues and key that infrastructure/core makes, and the ports wired as a function does.</summary>
public sealed class AwsEmulator : IAsyncLifetime
{
    private MotoServer? _moto;
    private ServiceProvider? _services;

    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public async ValueTask InitializeAsync()
    {
        _moto = await MotoServer.TryStartAsync();
        if (_moto is null) return;

        // The ports look for credentials as they do on Lambda.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        var credentials = new BasicAWSCredentials("test", "test");
        using var kms = new AmazonKeyManagementServiceClient(credentials, new AmazonKeyManagementServiceConfig { ServiceURL = _moto.Url, AuthenticationRegion = MotoServer.Region });
        var key = await kms.CreateKeyAsync(new());
        using var sqs = new AmazonSQSClient(credentials, new AmazonSQSConfig { ServiceURL = _moto.Url, AuthenticationRegion = MotoServer.Region });
        foreach (var queue in Enum.GetNames<QueueName>()) await sqs.CreateQueueAsync($"test-{queue.ToLowerInvariant()}");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AWS_ENDPOINT_URL"] = _moto.Url,
            ["AWS_REGION"] = MotoServer.Region,
            ["LISTBACKUP_NAME_PREFIX"] = "test-",
            ["LISTBACKUP_BUCKET_PREFIX"] = "test-bucket-",
            ["LISTBACKUP_QUEUE_URL_PREFIX"] = $"{_moto.Url}/123456789012/test-",
            ["LISTBACKUP_KMS_KEY"] = key.KeyMetadata.Arn,
        }).Build();
        _services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton<TimeProvider>(Clock).AddAwsPorts().BuildServiceProvider();
        await CreateTablesAsync();
    }

    /// <summary>A port, or a skipped test.</summary>
    public T Port<T>()
        where T : notnull
    {
        if (_services is null) Assert.Skip("No moto_server on this machine: the AWS adapters were not tested.");
        return _services.GetRequiredService<T>();
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        if (_moto is not null) await _moto.DisposeAsync();
    }

    private async Task CreateTablesAsync()
    {
        var settings = Port<AwsSettings>();
        foreach (var table in Enum.GetValues<Table>()) await Port<IAmazonDynamoDB>().CreateTableAsync(DefinitionOf(settings.TableName(table)));
    }

    private static CreateTableRequest DefinitionOf(string table) => new()
    {
        TableName = table,
        BillingMode = BillingMode.PAY_PER_REQUEST,
        AttributeDefinitions = [.. new[] { "pk", "sk", "ipk", "isk" }.Select(name => new AttributeDefinition(name, ScalarAttributeType.S))],
        KeySchema = [new("pk", KeyType.HASH), new("sk", KeyType.RANGE)],
        GlobalSecondaryIndexes =
        [
            new() { IndexName = "index", KeySchema = [new("ipk", KeyType.HASH), new("isk", KeyType.RANGE)], Projection = new() { ProjectionType = ProjectionType.ALL } },
        ],
    };
}
