using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ListBackup.Vault;

namespace ListBackup.Aws;

/// <summary>Buckets in S3, under the installation's own prefix.</summary>
public sealed class S3ObjectStores(IAmazonS3 s3, AwsSettings settings) : IObjectStores
{
    private const string LogicalPrefix = "listbackup-";

    public IObjectStore Bucket(string name)
    {
        if (name.Length is < 3 or > 63 || !char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1])
            || name.Any(character => !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character != '-'))
        {
            throw new ArgumentException("A bucket name is 3 to 63 characters of a-z 0-9 -, starting and ending with a letter or digit.", nameof(name));
        }
        var physical = name.StartsWith(LogicalPrefix, StringComparison.Ordinal) ? settings.BucketPrefix + name[LogicalPrefix.Length..] : name;
        return new S3Objects(s3, physical, settings.Region);
    }
}

/// <summary>Objects in one S3 bucket. The bucket is made at the first put: an account's bucket comes into being with its first backup.</summary>
public sealed class S3Objects(IAmazonS3 s3, string bucket, string region) : IObjectStore
{
    // S3 asks for parts of at least 5 MiB; two of these are in memory at a time. 10,000 parts make 80 GiB, more than any export.
    private const int PartBytes = 8 * 1024 * 1024;

    // "Conflict" means that another conditional write on the name has not ended; it has by the next try or two.
    private const int ConflictTriesMax = 5;

    public async Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        try
        {
            var head = await s3.GetObjectMetadataAsync(new() { BucketName = bucket, Key = name, ChecksumMode = ChecksumMode.ENABLED }, cancellation);
            return new(name, head.ContentLength, Time(head.LastModified), Hex(head.ChecksumSHA256));
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (Exception exception) when (IsOutage(exception, cancellation))
        {
            throw Unavailable("head", name, exception);
        }
    }

    public Task<byte[]> ReadAsync(string name, CancellationToken cancellation) => GetAsync(name, null, cancellation);

    public async Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        // HTTP has no range of no bytes; what is promised of an absent object still holds.
        if (length == 0) return await HeadAsync(name, cancellation) is null ? throw new ObjectNotFoundException(name) : [];
        return await GetAsync(name, new ByteRange(offset, offset + length - 1), cancellation);
    }

    public async Task<Stream> OpenReadAsync(string name, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        try
        {
            var answer = await s3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = name }, cancellation);
            return answer.ResponseStream; // its disposal ends the response
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            throw new ObjectNotFoundException(name);
        }
        catch (Exception exception) when (IsOutage(exception, cancellation))
        {
            throw Unavailable("read", name, exception);
        }
    }

    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        await InBucketAsync(() => PutOnceAsync(name, content, condition, cancellation), "put", name, cancellation);
    }

    public async Task PutStreamAsync(string name, Stream content, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        var part = new byte[PartBytes];
        var length = await content.ReadAtLeastAsync(part, PartBytes, throwOnEndOfStream: false, cancellation);
        if (length < PartBytes)
        {
            await PutAsync(name, part.AsMemory(0, length), PutCondition.Replace, cancellation);
            return;
        }
        await PutPartsAsync(name, part, content, cancellation);
    }

    public async IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = prefix, StartAfter = after };
        ListObjectsV2Response page;
        do
        {
            page = await ListPageAsync(request, cancellation);
            foreach (var found in page.S3Objects ?? [])
                yield return new(found.Key, found.Size ?? 0, Time(found.LastModified));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        try
        {
            await s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = name }, cancellation);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            // No bucket, no object.
        }
        catch (AmazonS3Exception exception) when (exception.ErrorCode is "AccessDenied" or "ObjectLocked")
        {
            // Amazon's word for an object lock (and for a missing permission), and that of servers that speak its language.
            throw new ObjectLockedException(name, exception);
        }
        catch (Exception exception) when (IsOutage(exception, cancellation))
        {
            throw Unavailable("delete", name, exception);
        }
    }

    private async Task<byte[]> GetAsync(string name, ByteRange? range, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        try
        {
            using var answer = await s3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = name, ByteRange = range }, cancellation);
            var bytes = new byte[answer.ContentLength];
            await answer.ResponseStream.ReadExactlyAsync(bytes, cancellation);
            return bytes;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            throw new ObjectNotFoundException(name);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return []; // the range begins behind the end
        }
        catch (Exception exception) when (IsOutage(exception, cancellation))
        {
            throw Unavailable("read", name, exception);
        }
    }

    private async Task<bool> PutOnceAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await s3.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = bucket,
                        Key = name,
                        InputStream = new MemoryStream(content.ToArray(), writable: false),
                        // S3 refuses what does not arrive as we sent it, and keeps the sum for whoever asks later.
                        ChecksumSHA256 = Convert.ToBase64String(SHA256.HashData(content.Span)),
                        UseChunkEncoding = false,
                        IfNoneMatch = condition == PutCondition.CreateOnly ? "*" : null,
                    },
                    cancellation);
                return true;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                throw new ObjectExistsException(name);
            }
            catch (AmazonS3Exception exception) when (exception.ErrorCode == "ConditionalRequestConflict" && tries < ConflictTriesMax)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 * tries), cancellation);
            }
        }
    }

    private async Task PutPartsAsync(string name, byte[] part, Stream content, CancellationToken cancellation)
    {
        var upload = "";
        await InBucketAsync(async () =>
        {
            var begun = await s3.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = bucket, Key = name }, cancellation);
            upload = begun.UploadId;
            return true;
        }, "put", name, cancellation);
        try
        {
            List<PartETag> parts = [];
            for (var length = part.Length; length > 0; length = await content.ReadAtLeastAsync(part, PartBytes, throwOnEndOfStream: false, cancellation))
                parts.Add(await PutPartAsync(name, upload, parts.Count + 1, part.AsMemory(0, length), cancellation));
            await s3.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = name, UploadId = upload, PartETags = parts }, cancellation);
        }
        catch (Exception exception)
        {
            // Parts of an upload that never ends cost money. A lifecycle rule of the bucket removes what this cannot.
            await s3.AbortMultipartUploadAsync(new() { BucketName = bucket, Key = name, UploadId = upload }, CancellationToken.None);
            if (IsOutage(exception, cancellation)) throw Unavailable("put", name, exception);
            throw;
        }
    }

    private async Task<PartETag> PutPartAsync(string name, string upload, int number, ReadOnlyMemory<byte> part, CancellationToken cancellation)
    {
        var answer = await s3.UploadPartAsync(
            new()
            {
                BucketName = bucket,
                Key = name,
                UploadId = upload,
                PartNumber = number,
                InputStream = new MemoryStream(part.ToArray(), writable: false),
                UseChunkEncoding = false,
            },
            cancellation);
        return new(number, answer.ETag);
    }

    private async Task<ListObjectsV2Response> ListPageAsync(ListObjectsV2Request request, CancellationToken cancellation)
    {
        try
        {
            return await s3.ListObjectsV2Async(request, cancellation);
        }
        catch (AmazonS3Exception exception) when (exception.ErrorCode == "NoSuchBucket")
        {
            return new();
        }
        catch (Exception exception) when (IsOutage(exception, cancellation))
        {
            throw Unavailable("list", request.Prefix, exception);
        }
    }

    private async Task InBucketAsync(Func<Task<bool>> write, string what, string name, CancellationToken cancellation)
    {
        try
        {
            try
            {
                await write();
            }
            catch (AmazonS3Exception exception) when (exception.ErrorCode == "NoSuchBucket")
            {
                await CreateBucketAsync(cancellation);
                await write();
            }
        }
        catch (Exception exception) when (IsOutage(exception, cancellation))
        {
            throw Unavailable(what, name, exception);
        }
    }

    // New buckets are private and encrypted by S3's own default.
    private async Task CreateBucketAsync(CancellationToken cancellation)
    {
        try
        {
            await s3.PutBucketAsync(new PutBucketRequest { BucketName = bucket, BucketRegionName = region }, cancellation);
        }
        catch (BucketAlreadyOwnedByYouException)
        {
            // Another first put was quicker.
        }
    }

    private static bool IsOutage(Exception exception, CancellationToken cancellation) => exception switch
    {
        AmazonServiceException service => (int)service.StatusCode >= 500 || service.StatusCode == HttpStatusCode.TooManyRequests || service.StatusCode == default,
        HttpRequestException or HttpIOException or AmazonClientException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested, // the SDK's own time-out
        _ => false,
    };

    private ObjectStoreUnavailableException Unavailable(string what, string name, Exception exception) =>
        new($"S3 did not {what} {bucket}/{name}: {(exception as AmazonServiceException)?.ErrorCode ?? exception.GetType().Name}.", exception);

    private static DateTimeOffset Time(DateTime? time) => time is { } known ? new(known.ToUniversalTime()) : default;

    // Of an upload in parts S3 keeps a sum of sums, marked by its number of parts; that is no SHA-256 of the content.
    private static string? Hex(string? checksum) =>
        checksum is null || checksum.Contains('-') ? null : Convert.ToHexStringLower(Convert.FromBase64String(checksum));
}
