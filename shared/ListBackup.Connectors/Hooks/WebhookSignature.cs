using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Connectors.Hooks;

/// <summary>How a platform signs its calls: HMAC-SHA256 (RFC 2104) under a secret that it and we know.</summary>
public sealed record WebhookSignature
{
    /// <summary>While a platform changes its secret it signs with both; more signatures are an attempt to make us compute.</summary>
    private const int SignaturesMax = 8;
    private const int DigestBytes = 32;

    /// <summary>The header that holds it.</summary>
    public required string Header { get; init; }

    /// <summary>The header holds pairs <c>key=value</c> with commas between them, and the signatures are those under this key; null: it holds the signature alone.</summary>
    public string? SignatureKey { get; init; }

    /// <summary>Stands before the signature: <c>sha256=</c>.</summary>
    public string Prefix { get; init; } = "";

    public required SignatureEncoding Encoding { get; init; }

    /// <summary>What is signed, in order.</summary>
    public required IReadOnlyList<SignedPart> Signed { get; init; }

    /// <summary>When it was signed; null: the platform does not say, and only the memory of what came before tells a replay.</summary>
    public SignatureTime? Time { get; init; }

    /// <summary>Whether the platform made this call, and lately.</summary>
    /// <exception cref="ArgumentException">The secret is empty: everybody could sign with it.</exception>
    public SignatureCheck Check(WebhookCall call, string secret, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        if (call.Header(Header) is not { Length: > 0 } header) return new(SignatureVerdict.Missing);
        var time = Time is null ? "" : TimeOf(call, header);
        if (time is null) return new(SignatureVerdict.Missing);
        var digest = Digest(call, time, secret);
        if (!Given(header).Any(given => CryptographicOperations.FixedTimeEquals(given, digest))) return new(SignatureVerdict.Wrong);

        // Only of a call that is known to be the platform's is its time worth anything.
        return Time is { } signed && !signed.IsNow(time, now) ? new(SignatureVerdict.Old) : new(SignatureVerdict.Valid, digest);
    }

    private string? TimeOf(WebhookCall call, string header) => Time switch
    {
        { Header: { } name } => call.Header(name),
        { Key: { } key } => Pairs(header).Where(pair => pair.Key == key).Select(pair => pair.Value).FirstOrDefault(),
        _ => null,
    };

    private IEnumerable<byte[]> Given(string header)
    {
        var texts = SignatureKey is null ? [header.Trim()] : Pairs(header).Where(pair => pair.Key == SignatureKey).Select(pair => pair.Value);

        return texts.Take(SignaturesMax).Select(Decoded).OfType<byte[]>();
    }

    private byte[]? Decoded(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var digits = text[Prefix.Length..];
        var bytes = new byte[DigestBytes];
        var isWhole = Encoding == SignatureEncoding.Hex
            ? digits.Length == 2 * DigestBytes && Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            : digits.Length <= 64 && Convert.TryFromBase64String(digits, bytes, out var written) && written == DigestBytes;

        return isWhole ? bytes : null;
    }

    private byte[] Digest(WebhookCall call, string time, string secret)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, System.Text.Encoding.UTF8.GetBytes(secret));
        foreach (var part in Signed)
        {
            switch (part.Kind)
            {
                case SignedPartKind.Body: hmac.AppendData(call.Body.Span); break;
                case SignedPartKind.Time: hmac.AppendData(System.Text.Encoding.UTF8.GetBytes(time)); break;
                case SignedPartKind.Method: hmac.AppendData(System.Text.Encoding.UTF8.GetBytes(call.Method)); break;
                case SignedPartKind.Url: hmac.AppendData(System.Text.Encoding.UTF8.GetBytes(call.Url)); break;
                default: hmac.AppendData(System.Text.Encoding.UTF8.GetBytes(part.Text)); break;
            }
        }

        return hmac.GetHashAndReset();
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string header) =>
        from pair in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        let at = pair.IndexOf('=', StringComparison.Ordinal)
        where at > 0
        select KeyValuePair.Create(pair[..at].TrimEnd(), pair[(at + 1)..].TrimStart());
}

/// <summary>Where the time of a signature stands: in a header of its own, or under a key of the signature's header.</summary>
public sealed record SignatureTime
{
    public static readonly TimeSpan ToleranceDefault = TimeSpan.FromMinutes(5);

    public string? Header { get; init; }

    public string? Key { get; init; }

    /// <summary>The time counts milliseconds since 1970 instead of seconds.</summary>
    public bool IsMilliseconds { get; init; }

    /// <summary>How far it may be from our clock, in either direction: a call that is older may be one that somebody kept.</summary>
    public TimeSpan Tolerance { get; init; } = ToleranceDefault;

    internal bool IsNow(string text, DateTimeOffset now)
    {
        // Fifteen digits of milliseconds reach beyond the year 30,000.
        if (text.Length > 15 || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        var told = IsMilliseconds ? number : number * 1_000.0;

        return Math.Abs(now.ToUnixTimeMilliseconds() - told) <= Tolerance.TotalMilliseconds;
    }
}

/// <summary>A part of what is signed.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Text">Of <see cref="SignedPartKind.Text"/>.</param>
public sealed record SignedPart(SignedPartKind Kind, string Text = "");

public enum SignedPartKind { Text, Body, Time, Method, Url }

public enum SignatureEncoding { Hex, Base64 }

public enum SignatureVerdict
{
    Valid,

    /// <summary>The call bears no signature, or no time.</summary>
    Missing,

    /// <summary>Another secret made it, or something in the call was changed.</summary>
    Wrong,

    /// <summary>It is the platform's, and of a time that is too far from ours.</summary>
    Old,
}

/// <summary>What became of a signature.</summary>
/// <param name="Verdict">Whether the call is the platform's.</param>
/// <param name="Digest">Of a valid one: the same for the same call, however its signature is spelt.</param>
public sealed record SignatureCheck(SignatureVerdict Verdict, byte[]? Digest = null);
