using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace ListBackup.Connectors.Authentication;

/// <summary>
/// Signatures of RFC 8032, section 5.1, which .NET does not have. Signs only. The nonce comes from key and content, so two contents never share one.
/// Its time depends on the key, which nobody can measure from outside: a token is signed before a request is sent and not in answer to one.
/// </summary>
internal static class Ed25519
{
    private const int SeedBytes = 32;
    private const string Oid = "1.3.101.112";

    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger L = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly Point Base = Point.Of(
        BigInteger.Parse("15112221349535400772501151409588531511454012693041857206046113283949847762202", System.Globalization.CultureInfo.InvariantCulture),
        Mod(4 * Inverse(5)));

    /// <summary>The secret of a PKCS #8 private key (RFC 8410).</summary>
    /// <exception cref="CryptographicException">The text is no such key.</exception>
    public static byte[] SeedOf(string pem)
    {
        try
        {
            var found = PemEncoding.Find(pem);
            var key = new AsnReader(Convert.FromBase64String(pem[found.Base64Data]), AsnEncodingRules.DER).ReadSequence();
            key.ReadInteger();
            if (key.ReadSequence().ReadObjectIdentifier() != Oid)
                throw new CryptographicException("The key is of another kind.");
            var seed = new AsnReader(key.ReadOctetString(), AsnEncodingRules.DER).ReadOctetString();

            return seed.Length == SeedBytes ? seed : throw new CryptographicException("The key has another length.");
        }
        catch (Exception exception) when (exception is AsnContentException or FormatException or ArgumentException)
        {
            throw new CryptographicException("The key is not readable.", exception);
        }
    }

    public static byte[] Sign(byte[] seed, byte[] content)
    {
        var hash = SHA512.HashData(seed);
        hash[0] &= 248;
        hash[31] &= 127;
        hash[31] |= 64;
        var secret = Number(hash.AsSpan(0, SeedBytes));
        var publicKey = (Base * secret).Encode();
        var nonce = Number(SHA512.HashData([.. hash.AsSpan(SeedBytes), .. content])) % L;
        var point = (Base * nonce).Encode();
        var challenge = Number(SHA512.HashData([.. point, .. publicKey, .. content])) % L;

        return [.. point, .. Bytes((nonce + (challenge * secret)) % L)];
    }

    private static BigInteger Number(ReadOnlySpan<byte> littleEndian) => new(littleEndian, isUnsigned: true);

    private static byte[] Bytes(BigInteger number)
    {
        var bytes = new byte[SeedBytes];
        number.TryWriteBytes(bytes, out _, isUnsigned: true);

        return bytes;
    }

    private static BigInteger Mod(BigInteger number)
    {
        var rest = number % P;

        return rest.Sign < 0 ? rest + P : rest;
    }

    private static BigInteger Inverse(BigInteger number) => BigInteger.ModPow(number, P - 2, P);

    /// <summary>A point of the curve in extended homogeneous coordinates (section 5.1.4).</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        private static readonly Point Neutral = Of(0, 1);

        public static Point Of(BigInteger x, BigInteger y) => new(x, y, 1, Mod(x * y));

        public static Point operator +(Point one, Point other)
        {
            var a = Mod((one.Y - one.X) * (other.Y - other.X));
            var b = Mod((one.Y + one.X) * (other.Y + other.X));
            var c = Mod(2 * one.T * other.T * D);
            var d = Mod(2 * one.Z * other.Z);
            var (e, f, g, h) = (b - a, d - c, d + c, b + a);

            return new Point(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }

        public static Point operator *(Point point, BigInteger times)
        {
            var sum = Neutral;
            for (var bits = times; bits > 0; bits >>= 1)
            {
                if (!bits.IsEven)
                    sum += point;
                point += point;
            }

            return sum;
        }

        public byte[] Encode()
        {
            var inverse = Inverse(Z);
            var bytes = Bytes(Mod(Y * inverse));
            if (!Mod(X * inverse).IsEven)
                bytes[^1] |= 0x80;

            return bytes;
        }
    }
}
