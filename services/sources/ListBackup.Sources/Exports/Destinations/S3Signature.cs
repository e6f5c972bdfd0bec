using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Sources;

/// <summary>
/// Signs requests to a bucket: AWS Signature Version 4 in the <c>Authorization</c> header, over all headers that are set and the SHA-256 of the content, so that a bucket
/// refuses what does not arrive as it was sent.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html</remarks>
public sealed class S3Signature(string accessKeyId, string secretAccessKey, string region)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Sets <c>x-amz-date</c>, <c>x-amz-content-sha256</c> and <c>Authorization</c>.</summary>
    /// <param name="request">With its final address, without a query.</param>
    /// <param name="contentSha256">Lower-case hex.</param>
    /// <param name="now">S3 takes 15 minutes of difference.</param>
    public void Sign(HttpRequestMessage request, string contentSha256, DateTimeOffset now)
    {
        var address = request.RequestUri ?? throw new ArgumentException("A request without an address cannot be signed.", nameof(request));
        var moment = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Host = address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}";
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", contentSha256);
        request.Headers.TryAddWithoutValidation("x-amz-date", moment);

        var headers = request.Headers.Select(h => (Name: h.Key.ToLowerInvariant(), Value: string.Join(',', h.Value).Trim())).OrderBy(h => h.Name, StringComparer.Ordinal).ToList();
        var signed = string.Join(';', headers.Select(h => h.Name));
        var canonical = string.Join('\n', request.Method.Method, address.AbsolutePath, "", string.Concat(headers.Select(h => $"{h.Name}:{h.Value}\n")), signed, contentSha256);
        var scope = $"{moment[..8]}/{region}/s3/aws4_request";
        var text = string.Join('\n', Algorithm, moment, scope, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        var signature = Convert.ToHexStringLower(Hmac(KeyOf(moment[..8]), text));
        request.Headers.TryAddWithoutValidation("Authorization", $"{Algorithm} Credential={accessKeyId}/{scope},SignedHeaders={signed},Signature={signature}");
    }

    private byte[] KeyOf(string day) => Hmac(Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes("AWS4" + secretAccessKey), day), region), "s3"), "aws4_request");

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
