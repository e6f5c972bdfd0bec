using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;

namespace Amazon.SecretsManager;

/// <summary>AWS Signature Version 4 for a POST to the root path: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html</summary>
internal static class SignatureV4
{
    public static void Sign(HttpRequestMessage message, byte[] body, ImmutableCredentials credentials, string region, string service, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'");
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        message.Headers.Add("X-Amz-Date", time);
        if (credentials.UseToken) message.Headers.Add("X-Amz-Security-Token", credentials.Token);

        SortedDictionary<string, string> signed = new(StringComparer.Ordinal)
        {
            ["content-type"] = message.Content!.Headers.ContentType!.ToString(), // our only caller sets both
            ["host"] = message.RequestUri!.Authority,
        };
        foreach (var (name, values) in message.Headers) signed[name.ToLowerInvariant()] = string.Join(',', values);
        var names = string.Join(';', signed.Keys);

        var canonical = $"POST\n/\n\n{string.Concat(signed.Select(header => $"{header.Key}:{header.Value}\n"))}\n{names}\n{Hex(SHA256.HashData(body))}";
        var toSign = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = new[] { time[..8], region, service, "aws4_request" }
            .Aggregate(Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey), Hmac);
        message.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={credentials.AccessKey}/{scope}, SignedHeaders={names}, Signature={Hex(Hmac(key, toSign))}");
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
