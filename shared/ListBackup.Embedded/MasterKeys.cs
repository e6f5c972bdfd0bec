using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Embedded;

/// <summary>
/// The master keys of an installation in one file that only its owner can read. The newest seals; older ones stay to open what they sealed.
/// A sealed text is: format 1 (1 byte), key id (8), nonce (12), ciphertext, tag (16); AES-256-GCM under HKDF-SHA-256(master key, purpose). The header, the
/// purpose and the caller's context are associated data.
/// </summary>
/// <remarks>
/// Nonces are 96 random bits. What is sealed under one purpose are account keys and secrets, thousands rather than millions; NIST SP 800-38D allows 2^32
/// before a collision becomes likelier than 2^-32. So a nonce is unique for all practical purposes, without state that a restored copy would repeat.
/// </remarks>
public sealed class MasterKeys
{
    private const byte Format = 1;
    private const int KeyBytes = 32;
    private const int IdBytes = 8;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + IdBytes;
    private const int FileBytesMax = 1024 * 1024;

    private readonly string _path;
    private readonly TimeProvider _time;
    private volatile MasterKeyFile _file;

    private MasterKeys(string path, MasterKeyFile file, TimeProvider time) => (_path, _file, _time) = (path, file, time);

    /// <summary>Names of the keys, oldest first; they tell nothing of the keys.</summary>
    public IReadOnlyList<string> Ids => [.. _file.Keys.Select(key => key.Id)];

    /// <summary>The names of the keys in a key file's content.</summary>
    /// <exception cref="StorageException">It is damaged.</exception>
    internal static IReadOnlyList<string> IdsOf(ReadOnlySpan<byte> content, string path) => [.. Parse(content, path).Keys.Select(key => key.Id)];

    /// <exception cref="StorageException">The file is readable by others, damaged, or cannot be written.</exception>
    public static MasterKeys OpenOrCreate(string path, TimeProvider time)
    {
        if (File.Exists(path)) return new(path, Read(path), time);
        var file = new MasterKeyFile(1, [NewKey(time)]);
        Write(path, file, replace: false);
        return new(path, file, time);
    }

    /// <summary>Whether the file still has the keys that this process holds in memory: the next start needs it.</summary>
    /// <exception cref="StorageException">It is missing, readable by others, damaged, or has other keys.</exception>
    public void CheckFile()
    {
        if (!File.Exists(_path)) throw new StorageException($"The master key {_path} is missing. Put back your copy of it before the next start.");
        if (!Read(_path).Keys.Select(key => key.Id).SequenceEqual(Ids)) throw new StorageException($"The master key {_path} has other keys than those in use. Put back your copy of it.");
    }

    /// <summary>Adds a new master key, which seals from now on. What older ones sealed is opened as before; sealing it again is the owners' business.</summary>
    public void Rotate()
    {
        var rotated = _file with { Keys = [.. _file.Keys, NewKey(_time)] };
        Write(_path, rotated, replace: true);
        _file = rotated;
    }

    /// <param name="purpose">Separates the uses of the key: what is sealed for one is never opened as another.</param>
    /// <param name="plain">What to seal.</param>
    /// <param name="context">Opening demands the same parts in the same order.</param>
    internal byte[] Seal(string purpose, ReadOnlySpan<byte> plain, params ReadOnlySpan<string> context)
    {
        var key = _file.Keys[^1];
        var bytes = new byte[HeaderBytes + NonceBytes + plain.Length + TagBytes];
        bytes[0] = Format;
        Convert.FromHexString(key.Id).CopyTo(bytes.AsSpan(1));
        var nonce = bytes.AsSpan(HeaderBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Derive(key, purpose), TagBytes);
        var cipher = bytes.AsSpan(HeaderBytes + NonceBytes, plain.Length);
        aes.Encrypt(nonce, plain, cipher, bytes.AsSpan(bytes.Length - TagBytes), Associated(bytes.AsSpan(0, HeaderBytes), purpose, context));
        return bytes;
    }

    /// <exception cref="CryptographicException">Unknown key, other context or purpose, or damaged bytes.</exception>
    internal byte[] Open(string purpose, ReadOnlySpan<byte> bytes, params ReadOnlySpan<string> context)
    {
        if (bytes.Length < HeaderBytes + NonceBytes + TagBytes || bytes[0] != Format) throw new CryptographicException("These bytes were not sealed by a master key.");
        var id = Convert.ToHexStringLower(bytes.Slice(1, IdBytes));
        var key = _file.Keys.FirstOrDefault(known => known.Id == id)
            ?? throw new CryptographicException($"These bytes were sealed by master key {id}, which is not in the key file of this installation.");
        var plain = new byte[bytes.Length - HeaderBytes - NonceBytes - TagBytes];
        using var aes = new AesGcm(Derive(key, purpose), TagBytes);
        var sealedPart = bytes[HeaderBytes..];
        aes.Decrypt(sealedPart[..NonceBytes], sealedPart[NonceBytes..^TagBytes], sealedPart[^TagBytes..], plain, Associated(bytes[..HeaderBytes], purpose, context));
        return plain;
    }

    internal bool IsSealedByNewest(ReadOnlySpan<byte> bytes) =>
        bytes.Length > HeaderBytes && Convert.ToHexStringLower(bytes.Slice(1, IdBytes)) == _file.Keys[^1].Id;

    private static byte[] Derive(MasterKeyEntry key, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Key, KeyBytes, info: Encoding.UTF8.GetBytes($"ListBackup 1 {purpose}"));

    // Each part with its length, so that no two contexts have the same bytes.
    private static byte[] Associated(ReadOnlySpan<byte> header, string purpose, ReadOnlySpan<string> context)
    {
        using var bytes = new MemoryStream();
        bytes.Write(header);
        foreach (var part in (ReadOnlySpan<string>)[purpose, .. context])
        {
            var text = Encoding.UTF8.GetBytes(part);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
            bytes.Write(length);
            bytes.Write(text);
        }
        return bytes.ToArray();
    }

    private static MasterKeyEntry NewKey(TimeProvider time) =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), RandomNumberGenerator.GetBytes(KeyBytes), time.GetUtcNow());

    private static MasterKeyFile Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            throw new StorageException($"The master key {path} can be read by other users of this machine. Run: chmod 600 {path}");
        try
        {
            if (new FileInfo(path).Length > FileBytesMax) throw Damaged(path, null);
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not StorageException)
        {
            throw new StorageException($"The master key {path} cannot be read: {exception.Message}", exception);
        }
    }

    private static MasterKeyFile Parse(ReadOnlySpan<byte> content, string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize(content, MasterKeyJson.Default.MasterKeyFile);
            var whole = file is { Format: 1, Keys.Count: > 0 } && file.Keys.All(key => key is { Key.Length: KeyBytes, Id.Length: 2 * IdBytes });
            return whole ? file! : throw Damaged(path, null); // Not null: the pattern above matched.
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw Damaged(path, exception);
        }
    }

    private static void Write(string path, MasterKeyFile file, bool replace)
    {
        try
        {
            DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(file, MasterKeyJson.Default.MasterKeyFile), replace, ownerOnly: true);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not StorageException)
        {
            throw new StorageException($"The master key {path} cannot be written: {exception.Message}", exception);
        }
    }

    // The parser's own message may quote the key.
    private static StorageException Damaged(string path, Exception? cause) =>
        new($"The master key {path} is damaged ({cause?.GetType().Name ?? "unknown form"}). Put back your copy of it.");
}

internal sealed record MasterKeyFile(int Format, IReadOnlyList<MasterKeyEntry> Keys);

internal sealed record MasterKeyEntry(string Id, byte[] Key, DateTimeOffset CreatedAt)
{
    public override string ToString() => $"(master key {Id})";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MasterKeyFile))]
internal sealed partial class MasterKeyJson : JsonSerializerContext;
