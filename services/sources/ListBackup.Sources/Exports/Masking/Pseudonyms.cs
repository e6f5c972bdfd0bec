using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Sources;

/// <summary>
/// Stands for values so that equal ones stay equal within an account, across streams and sources, and none can be turned back without the account's key:
/// HMAC-SHA256, cut to 64 bits. Whoever has the key or other knowledge may still single people out: what is masked is pseudonymous, not anonymous.
/// </summary>
internal sealed class Pseudonyms(byte[] key)
{
    /// <summary>Sixteen hexadecimal digits: among ten million values two stand alike with a chance of one in 370,000.</summary>
    private const int Bytes = 8;

    /// <summary>
    /// An address under <c>.invalid</c>, which RFC 2606 keeps from ever being delivered to. People of one domain still share one; a domain of one's own would
    /// name its owner. Capitals and blanks around do not count, as they do not for mail.
    /// </summary>
    public string Email(string address)
    {
        var plain = address.Trim().ToLowerInvariant();
        return $"{Of("email", plain)}@{Of("domain", plain[(plain.LastIndexOf('@') + 1)..])[..8]}.invalid";
    }

    public string Text(string text) => $"p-{Of("text", text)}";

    /// <summary>A whole number of at most 15 digits, which no program rounds.</summary>
    public long Number(string number) => (long)(Convert.ToUInt64(Of("number", number), 16) % 1_000_000_000_000_000);

    private string Of(string kind, string value) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{kind}\n{value}")).AsSpan(0, Bytes));
}
