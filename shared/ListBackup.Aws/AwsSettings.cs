using ListBackup.Domain;
using Microsoft.Extensions.Configuration;

namespace ListBackup.Aws;

/// <summary>How this installation's resources are called. Each serverless.yml sets the variables; infrastructure/core creates what they name.</summary>
public sealed record AwsSettings
{
    /// <summary>Of tables and secrets, such as <c>listbackup-dev-</c>. Variable LISTBACKUP_NAME_PREFIX.</summary>
    public required string NamePrefix { get; init; }

    /// <summary>Of buckets, in place of <c>listbackup-</c>: bucket names are unique in the world. Variable LISTBACKUP_BUCKET_PREFIX.</summary>
    public required string BucketPrefix { get; init; }

    /// <summary>Of queue addresses; <c>plan</c>, <c>sync</c> … follows. Variable LISTBACKUP_QUEUE_URL_PREFIX.</summary>
    public required string QueueUrlPrefix { get; init; }

    /// <summary>Id, ARN or alias of the KMS key that wraps account keys. Variable LISTBACKUP_KMS_KEY.</summary>
    public required string KmsKey { get; init; }

    /// <summary>An emulator's address in place of AWS's own. Variable AWS_ENDPOINT_URL.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Variable AWS_REGION, which Lambda sets.</summary>
    public required string Region { get; init; }

    public static AwsSettings Read(IConfiguration configuration) => new()
    {
        NamePrefix = Required(configuration, "LISTBACKUP_NAME_PREFIX"),
        BucketPrefix = Required(configuration, "LISTBACKUP_BUCKET_PREFIX"),
        QueueUrlPrefix = Required(configuration, "LISTBACKUP_QUEUE_URL_PREFIX"),
        KmsKey = Required(configuration, "LISTBACKUP_KMS_KEY"),
        Region = Required(configuration, "AWS_REGION"),
        Endpoint = configuration["AWS_ENDPOINT_URL"] is { Length: > 0 } endpoint ? endpoint : null,
    };

    public string TableName(Table table) => NamePrefix + table switch
    {
        Table.Users => "users",
        Table.Accounts => "accounts",
        Table.Sources => "sources",
        Table.Activities => "activities",
        Table.Tokens => "tokens",
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, null),
    };

    public string QueueUrl(QueueName queue) => QueueUrlPrefix + queue switch
    {
        QueueName.Plan => "plan",
        QueueName.Sync => "sync",
        QueueName.Commit => "commit",
        QueueName.Restore => "restore",
        QueueName.Export => "export",
        QueueName.Maintenance => "maintenance",
        QueueName.Notify => "notify",
        _ => throw new ArgumentOutOfRangeException(nameof(queue), queue, null),
    };

    private static string Required(IConfiguration configuration, string name) =>
        configuration[name] is { Length: > 0 } value ? value
        : throw new InvalidOperationException($"The environment variable {name} is not set. The function's serverless.yml sets it.");
}
