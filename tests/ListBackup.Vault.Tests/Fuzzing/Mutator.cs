using System.Buffers.Binary;
using System.Text;

namespace ListBackup.Vault.Tests.Fuzzing;

/// <summary>Makes wrong inputs of right ones: the same seed, the same sequence.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, int seed)
{
    public const int InputBytesMax = 64 * 1024;

    private const int MutationsMax = 8;

    // What parsers of JSON, of lengths and of frames have stumbled over.
    private static readonly byte[][] s_tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\r\n", "null", "true", "-0", "1e999", "1E-400", "0.1", "-", "00", "\\u0000", "\\ud800", "\\udc00\\ud800", "\\ud83d\\ude00",
            "\"k\":", "\"v\":", "\"n\":", "\"o\":\"put\"", "\"o\":\"redacted\"", "\"h\":\"00\"", "\"kh\":\"0\"", "\"a\":[]", "{\"a\":1,\"a\":2}", "\"id\":", "\uFEFF", "\u2028", "\uE000", "😀",
            new string('9', 400), new string('[', 200), string.Concat(Enumerable.Repeat("{\"a\":", 200)), new string('a', 5_000), "18446744073709551616", "-9223372036854775809", "2026-01-01T00:00:00Z",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x00], [0x28, 0xB5, 0x2F, 0xFD],
        [0xFF, 0xFF, 0xFF, 0x7F], [0x00, 0x00, 0x00, 0x80], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var input = Pick(seeds).ToList();
        for (var left = _random.Next(1, MutationsMax + 1); left > 0; left--) Mutate(input);
        return [.. input.Take(InputBytesMax)];
    }

    private void Mutate(List<byte> input)
    {
        var place = _random.Next(input.Count + 1);
        var length = Math.Min(_random.Next(1, 40), input.Count - place);
        switch (_random.Next(8))
        {
            case 0 when length > 0:
                input[place] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when length > 0:
                input[place] = (byte)_random.Next(256);
                break;
            case 2:
                input.RemoveRange(place, length);
                break;
            case 3:
                input.InsertRange(_random.Next(input.Count + 1), input.GetRange(place, length));
                break;
            case 4 when length >= 4:
                Overwrite(input, place);
                break;
            case 5:
                var other = Pick(seeds);
                var start = _random.Next(other.Length + 1);
                input.InsertRange(place, other.AsSpan(start, Math.Min(_random.Next(1, 200), other.Length - start)).ToArray());
                break;
            default:
                input.InsertRange(place, Pick(s_tokens));
                break;
        }
    }

    /// <summary>A length or an offset becomes another.</summary>
    private void Overwrite(List<byte> input, int place)
    {
        int[] numbers = [0, 1, -1, int.MaxValue, int.MinValue, int.MaxValue - 12, input.Count, _random.Next()];
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, numbers[_random.Next(numbers.Length)]);
        for (var i = 0; i < bytes.Length; i++) input[place + i] = bytes[i];
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
