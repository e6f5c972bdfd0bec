using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Domain;

/// <summary>The text form that all ids share: prefix, underscore, 26 symbols of Crockford base32 (lower case) for 128 bits.</summary>
public static class IdText
{
    // Crockford's alphabet leaves out i, l, o and u, so an id can be read over the phone.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int SymbolCount = 26;
    private static readonly SearchValues<char> Symbols = SearchValues.Create(Alphabet);

    public static string New(string prefix, TimeProvider clock)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(clock.GetUtcNow()).TryWriteBytes(bytes, bigEndian: true, out _);
        return $"{prefix}_{Encode(bytes)}";
    }

    /// <summary>The same id for the same seed, always: for what may be made twice and must count once.</summary>
    public static string Of(string prefix, string seed) => $"{prefix}_{Encode(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, 16))}";

    /// <summary>True when <paramref name="text"/> is <paramref name="prefix"/>, an underscore and 26 symbols that encode 128 bits.</summary>
    public static bool IsValid(string prefix, [NotNullWhen(true)] string? text)
    {
        if (text is null || text.Length != prefix.Length + 1 + SymbolCount) return false;
        if (!text.StartsWith(prefix, StringComparison.Ordinal) || text[prefix.Length] != '_') return false;
        var symbols = text.AsSpan(prefix.Length + 1);
        // 26 symbols carry 130 bits; the first two must be zero.
        return symbols[0] is >= '0' and <= '7' && !symbols.ContainsAnyExcept(Symbols);
    }

    internal static TId Parse<TId>(string text)
        where TId : struct, IId<TId> =>
        TryParse<TId>(text, out var id) ? id : throw new FormatException($"'{text}' is not an id of the form {TId.Prefix}_…");

    internal static bool TryParse<TId>(string? text, out TId id)
        where TId : struct, IId<TId>
    {
        var valid = IsValid(TId.Prefix, text);
        id = valid ? TId.FromValid(text!) : default; // IsValid has excluded null; the generic hides it from the compiler.
        return valid;
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => string.Create(SymbolCount, new UInt128(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])), static (symbols, value) =>
        {
            for (var i = SymbolCount - 1; i >= 0; i--, value >>= 5) symbols[i] = Alphabet[(int)(value & 31)];
        });
}
