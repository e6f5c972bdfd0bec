using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using ListBackup.Aws;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>
/// A vault in a bucket, <c>s3://name</c>. Region, address of an S3-compatible service and credentials come from where AWS's own programs take
/// them: AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and the rest. In a file of its own: the packages are loaded by whoever names a bucket.
/// </summary>
internal static class VaultBucket
{
    private const string Scheme = "s3://";
    private const string UsualRegion = "us-east-1";
    private const int RetriesMax = 3;
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromMinutes(2);

    public static bool IsBucket(string place) => place.StartsWith(Scheme, StringComparison.Ordinal);

    public static IObjectStore Open(string place)
    {
        var bucket = place[Scheme.Length..].TrimEnd('/');
        if (bucket.Length is < 3 or > 63 || !bucket.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.'))
            throw new CommandException($"{place} names no bucket; a vault has a bucket of its own, for example s3://acme-backups.");
        var region = Environment.GetEnvironmentVariable("AWS_REGION") ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") ?? UsualRegion;
        var config = new AmazonS3Config { Timeout = s_callTimeout, RetryMode = RequestRetryMode.Standard, MaxErrorRetry = RetriesMax };
        if ((Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL_S3") ?? Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL")) is { Length: > 0 } endpoint)
        {
            // Most services beside AWS have no host name per bucket.
            (config.ServiceURL, config.AuthenticationRegion, config.ForcePathStyle) = (endpoint, region, true);
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return new S3Objects(new AmazonS3Client(config), bucket, region);
    }

    /// <summary>What a refusal of the service says (a wrong key, a forbidden bucket); null when it is something else.</summary>
    public static string? RefusalOf(Exception exception) =>
        exception is AmazonServiceException refusal ? $"The bucket refused: {refusal.ErrorCode ?? refusal.StatusCode.ToString()}. {refusal.Message}" : null;
}
