using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>Percent-encoding, base64 and digests as Python does them.</summary>
internal static class Encodings
{
    /// <summary>Python's <c>urllib.parse.quote</c>.</summary>
    public static string Quote(string text, string safe)
    {
        var quoted = new StringBuilder(text.Length + 8);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var character = (char)octet;
            if (char.IsAsciiLetterOrDigit(character) || "_.-~".Contains(character) || safe.Contains(character))
                quoted.Append(character);
            else
                quoted.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return quoted.ToString();
    }

    public static string Digest(string kind, byte[] data) => Convert.ToHexStringLower(kind.ToLowerInvariant() switch
    {
        "md5" => MD5.HashData(data),
        "sha1" => SHA1.HashData(data),
        "sha256" => SHA256.HashData(data),
        "sha384" => SHA384.HashData(data),
        "sha512" => SHA512.HashData(data),
        _ => throw new ExpressionException("A hash type is not known."),
    });

    public static string Hmac(string kind, byte[] key, byte[] data) => Convert.ToHexStringLower(kind.ToLowerInvariant() switch
    {
        "md5" => HMACMD5.HashData(key, data),
        "sha1" => HMACSHA1.HashData(key, data),
        "sha256" => HMACSHA256.HashData(key, data),
        "sha384" => HMACSHA384.HashData(key, data),
        "sha512" => HMACSHA512.HashData(key, data),
        _ => throw new ExpressionException("A hash type is not known."),
    });

    public static byte[] FromBase64(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw new ExpressionException("A text is not base64.") { IsOfValue = true };
        }
    }
}
