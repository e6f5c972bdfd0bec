using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Writing;

/// <summary>Reads back what a run is about to commit, wherever it lies: in an object, or in its draft.</summary>
internal sealed class NewSectionLines(VaultCore core)
{
    private const string DraftName = "a draft's section";

    /// <summary>The section with its whole table.</summary>
    public async Task<NewSection> CompleteAsync(NewSection section, CancellationToken cancellation)
    {
        // The table of a small one comes from a draft, which does not carry its dictionary.
        var table = section.Reference is { } reference ? await core.Sections.GetTableAsync(reference, cancellation) : await core.Sections.WithDictionaryAsync(section.Table, cancellation);
        return section with { Table = table };
    }

    /// <summary>Lines of one block of a section with its whole table.</summary>
    public async Task<IReadOnlyList<RecordLine>> ReadAsync(NewSection section, int block, StreamKeys keys, CancellationToken cancellation)
    {
        var entry = section.Table.Blocks[block];
        var blocks = section.Reference is { } reference
            ? await core.Sections.ReadBlocksAsync(reference, section.Table, block, 1, cancellation)
            : new BlockRange(section.Blocks![(int)entry.Offset..(int)(entry.Offset + entry.Length)], DraftName, section.Table, keys, block, 1);
        using var reader = new BlockReader();
        return [.. Block.LinesOf(blocks.Open(0, reader), entry, section.Reference?.Object ?? DraftName)];
    }
}
