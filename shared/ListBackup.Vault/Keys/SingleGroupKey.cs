using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>
/// One group's key out of a large key file, without the rest: GCM is a counter mode, so 32 bytes of a box open without the others. Nothing has checked them, neither the
/// file's signature nor the box's tag. They are good for a block whose own tag checks them, and for nothing else; when it does not, the whole file is read, which tells why.
/// </summary>
/// <param name="epoch">Of the group.</param>
/// <param name="group">The group.</param>
/// <param name="key">Its key, unless somebody has tampered with the file.</param>
internal sealed class SingleGroupKey(int epoch, int group, byte[] key) : IBlockKeys
{
    /// <summary>In a file of fewer groups there is little to save.</summary>
    public const int GroupsMin = 256;

    // Room for an epoch's members but the keys, and the first characters of these.
    private const int HeadBytes = 256;
    private const int SaltCharacters = 24;
    private const int EpochsMax = 4;

    public ReadOnlyMemory<byte>? Find(int epochOfBlock, int groupOfBlock) => epochOfBlock == epoch && groupOfBlock == group ? key.AsMemory() : default(ReadOnlyMemory<byte>?);

    /// <summary>Reads one; null where the file is absent or not as simple as most are.</summary>
    /// <param name="objects">The store.</param>
    /// <param name="name">Of the key file.</param>
    /// <param name="epoch">Of the group.</param>
    /// <param name="group">The group.</param>
    /// <param name="secrets">The vault's.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task<SingleGroupKey?> TryReadAsync(IObjectStore objects, string name, int epoch, int group, VaultSecrets secrets, CancellationToken cancellation)
    {
        try
        {
            return await FindBoxAsync(objects, name, epoch, cancellation) is { } box ? await TryReadAsync(objects, name, box, epoch, group, secrets, cancellation) : null;
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or JsonException)
        {
            return null;
        }
    }

    private static async Task<SingleGroupKey?> TryReadAsync(IObjectStore objects, string name, Box box, int epoch, int group, VaultSecrets secrets, CancellationToken cancellation)
    {
        if (box.Epoch.Inherits is not null || group >= box.Epoch.Groups) return null;
        // Three bytes are four characters.
        var place = Sealed.SaltByteCount + (group * Kdf.KeyByteCount);
        var (first, skipped) = (place / 3 * 4, place % 3);
        var length = (skipped + Kdf.KeyByteCount + 2) / 3 * 4;
        var text = await objects.ReadRangeAsync(name, box.Offset + first, length, cancellation);
        var bytes = new byte[length / 4 * 3];
        if (Base64.DecodeFromUtf8(text, bytes, out _, out var count) != System.Buffers.OperationStatus.Done || count < skipped + Kdf.KeyByteCount) return null;
        var key = Sealed.ReadUnchecked(secrets.GroupKeyWrapping, StreamKeys.GroupKeysPurpose, box.Salt, group * Kdf.KeyByteCount, bytes.AsSpan(skipped, Kdf.KeyByteCount));
        return StreamKeys.IsForgotten(key) ? null : new SingleGroupKey(epoch, group, key);
    }

    /// <summary>Looks for an epoch's box of keys: the epochs come first in a file, the oldest first, each as long as its groups make it.</summary>
    private static async Task<Box?> FindBoxAsync(IObjectStore objects, string name, int epoch, CancellationToken cancellation)
    {
        var position = "{\"epochs\":["u8.Length;
        for (var tried = 0; tried < EpochsMax; tried++)
        {
            var head = await objects.ReadRangeAsync(name, position, HeadBytes, cancellation);
            var members = head.AsSpan().IndexOf("\"sealed\":\""u8);
            if (members < 0) return null;
            var keys = JsonSerializer.Deserialize([.. head.AsSpan(0, members), .. "\"sealed\":\"\"}"u8], FormatJson.Default.GroupKeys);
            var begin = members + "\"sealed\":\""u8.Length;
            if (keys?.Epoch == epoch)
            {
                var salt = new byte[SaltCharacters / 4 * 3];
                return head.Length >= begin + SaltCharacters && Base64.DecodeFromUtf8(head.AsSpan(begin, SaltCharacters), salt, out _, out _) == System.Buffers.OperationStatus.Done
                    ? new Box(keys, position + begin, salt[..Sealed.SaltByteCount])
                    : null;
            }

            var count = keys?.Only?.Count ?? keys?.Groups ?? 0;
            position += begin + Base64.GetMaxEncodedToUtf8Length(Sealed.OverheadByteCount + (count * Kdf.KeyByteCount)) + "\"},"u8.Length;
        }

        return null;
    }

    /// <summary>Where an epoch's keys lie in a file, as characters, and the salt before them.</summary>
    private sealed record Box(GroupKeys Epoch, long Offset, byte[] Salt);
}
