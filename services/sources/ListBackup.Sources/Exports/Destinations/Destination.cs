using System.Text.Json.Serialization;

namespace ListBackup.Sources;

[JsonConverter(typeof(JsonStringEnumConverter<DestinationKind>))]
public enum DestinationKind
{
    /// <summary>A folder of a self-hosted installation, below the one that its owner set up for exports.</summary>
    [JsonStringEnumMemberName("folder")] Folder,
    /// <summary>A bucket at AWS or at any service that speaks S3's language.</summary>
    [JsonStringEnumMemberName("s3")] S3,
}

/// <summary>Where planned exports are laid. The secret of a bucket is no part of it.</summary>
public sealed record Destination
{
    public required DestinationKind Kind { get; init; }

    /// <summary>Of a folder: its path below the account's own folder for exports.</summary>
    public string? Folder { get; init; }

    /// <summary>Of a bucket: <c>https://s3.eu-central-1.amazonaws.com</c>, or that of another service.</summary>
    public string? Endpoint { get; init; }

    public string? Region { get; init; }

    public string? Bucket { get; init; }

    /// <summary>What the names of all files begin with, such as <c>backups/crm/</c>.</summary>
    public string? Prefix { get; init; }

    public string? AccessKeyId { get; init; }
}
