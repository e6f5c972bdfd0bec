using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using ListBackup.Aws;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Lambda.Tests.Published;

/// <summary>The tables that a published function reads, on an emulator, and a store to seed them through.</summary>
public sealed class Emulator : IAsyncLifetime
{
    private MotoServer? _moto;
    private ServiceProvider? _services;

    public string? Url => _moto?.Url;

    /// <summary>The tables, or a skipped test.</summary>
    public IItemStore Items
    {
        get
        {
            if (_services is null) Assert.Skip("No moto_server on this machine: published functions were not tested on AWS's protocols.");
            return _services.GetRequiredService<IItemStore>();
        }
    }

    public async ValueTask InitializeAsync()
    {
        _moto = await MotoServer.TryStartAsync();
        if (_moto is null) return;
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AWS_ENDPOINT_URL"] = _moto.Url,
            ["AWS_REGION"] = MotoServer.Region,
            ["LISTBACKUP_NAME_PREFIX"] = "test-",
            ["LISTBACKUP_BUCKET_PREFIX"] = "test-bucket-",
            ["LISTBACKUP_QUEUE_URL_PREFIX"] = $"{_moto.Url}/123456789012/test-",
            ["LISTBACKUP_KMS_KEY"] = "alias/test",
        }).Build();
        _services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(TimeProvider.System).AddAwsPorts().BuildServiceProvider();
        var dynamo = _services.GetRequiredService<IAmazonDynamoDB>();
        foreach (var table in Enum.GetValues<Table>()) await dynamo.CreateTableAsync(DefinitionOf(_services.GetRequiredService<AwsSettings>().TableName(table)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        if (_moto is not null) await _moto.DisposeAsync();
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
