using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ListBackup.Testing;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Erasing;

/// <summary>Everything that somebody who has the store and every key that is left in it can read: each object as it is, and opened with each key that fits.</summary>
internal sealed class PlainText
{
    private static readonly string[] s_cachePurposes = ["key index", "draft header", "draft payload"];

    private readonly List<(string Where, byte[] Bytes)> _texts = [];

    /// <summary>Where a text can be read; empty when nowhere.</summary>
    public IReadOnlyList<string> Find(string text) =>
        [.. _texts.Where(item => item.Bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0).Select(item => item.Where).Distinct()];

    public static async Task<PlainText> ReadAsync(MemoryObjects objects)
    {
        var plain = new PlainText();
        var secrets = await VaultKeyFiles.OpenAsync(objects, TestKeys, Cancellation);
        var keys = new List<byte[]>();
        foreach (var (name, content) in objects.Contents)
        {
            plain._texts.Add((name, content));
            if (name.StartsWith("k/", StringComparison.Ordinal) && !name.StartsWith("k/=vault/", StringComparison.Ordinal)) keys.AddRange(GroupKeys(content, secrets));
        }

        foreach (var (name, content) in objects.Contents)
        {
            if (name.StartsWith("s/", StringComparison.Ordinal)) plain.OpenSegment(name, content, keys);
            if (name.StartsWith("d/", StringComparison.Ordinal) && TryOpen(() => CompressionDictionary.Read(content, Path.GetFileNameWithoutExtension(name), secrets, name).Content) is { } dictionary) plain._texts.Add((name, dictionary));
            if (name.StartsWith("x/", StringComparison.Ordinal)) plain.OpenCache(name, content, secrets, keys);
        }

        return plain;
    }

    private static IEnumerable<byte[]> GroupKeys(byte[] document, VaultSecrets secrets)
    {
        var file = JsonDocument.Parse(document.AsMemory(0, document.AsSpan().IndexOf((byte)'\n')));
        foreach (var epoch in file.RootElement.GetProperty("epochs").EnumerateArray())
        {
            var bytes = Sealed.Read(secrets.GroupKeyWrapping, "group keys", epoch.GetProperty("sealed").GetBytesFromBase64());
            foreach (var key in bytes.Chunk(Kdf.KeyByteCount)) yield return key;
        }
    }

    private void OpenSegment(string name, byte[] content, List<byte[]> keys)
    {
        var length = BitConverter.ToInt32(content.AsSpan(content.Length - 12, 4));
        var offset = content.Length - 12 - length;
        var bytes = content.AsSpan(offset, length);
        var footer = SegmentFile.ReadFooter(bytes, new FooterReference(offset, length, Convert.ToHexStringLower(SHA256.HashData(bytes))), name);
        foreach (var section in footer.Sections)
        {
            var open = new ListBackup.Vault.Reading.OpenFooterSection(section, name);
            open.ReadPages(content, start: 0);
            OpenSection(name, content, open.Table, keys);
        }
    }

    private void OpenSection(string name, byte[] content, SectionTable section, List<byte[]> keys)
    {
        using var reader = new BlockReader();
        foreach (var block in section.Blocks)
        {
            foreach (var key in keys)
            {
                if (TryOpen(() => reader.Read(content.AsSpan((int)block.Offset, block.Length), block, key, Convert.FromHexString(section.Id), name)) is { } lines)
                    _texts.Add(($"{name} section {section.Id} group {block.Group}", lines));
            }
        }
    }

    private void OpenCache(string name, byte[] content, VaultSecrets secrets, List<byte[]> keys)
    {
        foreach (var purpose in s_cachePurposes)
        {
            if (TryOpen(() => Sealed.Read(secrets.Cache, purpose, content)) is { } text) _texts.Add((name, text));
        }

        if (ListBackup.Vault.Writing.DraftPart.Read([.. content], secrets.Cache) is not { } draft) return;
        _texts.Add((name, JsonSerializer.SerializeToUtf8Bytes(draft.Header, FormatJson.Default.DraftHeader)));
        var changes = new ListBackup.Vault.Writing.ChangeTable();
        draft.ReplayInto(changes);
        for (var i = 0; i < changes.Count; i++) _texts.Add((name, changes.KeyAt(i).ToArray()));
        var inline = 0;
        foreach (var section in draft.Header.Sections.Where(section => section.Reference is null)) OpenSection(name, draft.InlineSections[inline++], section.Table, keys);
    }

    private static byte[]? TryOpen(Func<byte[]> open)
    {
        try
        {
            return open();
        }
        catch (Exception exception) when (exception is CryptographicException or VaultException)
        {
            return null;
        }
    }
}
