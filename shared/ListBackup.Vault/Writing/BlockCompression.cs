using System.Numerics;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>How the blocks of one build are compressed.</summary>
internal sealed record BlockCompression(int Level, CompressionDictionary? Dictionary);

/// <summary>
/// Decides how a stream's blocks are compressed. Large blocks are their own dictionary. Of small ones, a sample tells whether the stream's dictionary still saves
/// what it did, or whether a new one is worth its bytes.
/// </summary>
internal sealed class BlockCompressionChoice(VaultCore core, string source, string stream)
{
    /// <summary>Blocks below this are small: what they have in common with others is a good part of them.</summary>
    private const int SmallBlockBytes = 64 * 1024;

    /// <summary>Small blocks have little to look for, so looking harder costs little.</summary>
    private const int SmallBlockLevel = 9;

    /// <summary>A new dictionary must save so many thousandths of the blocks.</summary>
    private const int SavedMin = 80;

    /// <summary>A dictionary that saves less than this share of what it saved when it was new has stopped to pay.</summary>
    private const double WornShare = 0.8;

    /// <summary>So many builds like the present one must pay a dictionary's own bytes.</summary>
    private const int BuildsToPay = 8;

    /// <param name="spool">The rows.</param>
    /// <param name="groups">How many groups they are dealt into.</param>
    /// <param name="known">The stream's dictionaries, oldest first.</param>
    /// <param name="baseSeq">The snapshot that the run compares with.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>The compression; and, where a dictionary is new, its reference.</returns>
    public async Task<(BlockCompression Compression, DictionaryReference? New)> ChooseAsync(
        RowSpool spool, int groups, IReadOnlyList<DictionaryReference> known, long baseSeq, CancellationToken cancellation)
    {
        var blockBytes = (int)Math.Min(spool.ByteCount / Math.Min(groups, spool.RowCount), SmallBlockBytes);
        if (blockBytes >= SmallBlockBytes) return (new BlockCompression(core.Options.CompressionLevel, null), null);
        var level = Math.Max(core.Options.CompressionLevel, SmallBlockLevel);
        var current = known.Count == 0 ? null : await core.Dictionaries.GetAsync(source, stream, known[^1].Hash, cancellation);
        if (spool.RowCount < core.Options.DictionaryRowsMin || (current is null && !BitOperations.IsPow2(baseSeq))) return (new BlockCompression(level, current), null);

        var trainer = new DictionaryTrainer(level, blockBytes);
        var sample = spool.Sample(DictionaryTrainer.LinesMax);
        var plain = trainer.TrialBytes(sample, null);
        var saved = current is null ? 0 : Thousandths(plain, trainer.TrialBytes(sample, current.Content));
        if (current is not null && saved >= known[^1].Saved * WornShare) return (new BlockCompression(level, current), null);

        var content = DictionaryTrainer.Train(sample);
        var savedByNew = content.Length == 0 ? 0 : Thousandths(plain, trainer.TrialBytes(sample, content));
        if (savedByNew < Math.Max(SavedMin, saved + (SavedMin / 2)) || !IsWorth(content, savedByNew, spool.ByteCount)) return (new BlockCompression(level, current), null);
        var (dictionary, reference) = await core.Dictionaries.PutAsync(source, stream, content, savedByNew, cancellation);
        return (new BlockCompression(level, dictionary), reference);
    }

    /// <summary>The compression of what some sections become together: as theirs, while the blocks are not large.</summary>
    public async Task<BlockCompression> ForMergeAsync(IReadOnlyList<SectionReference> sections, int groups, IReadOnlyList<DictionaryReference> known, CancellationToken cancellation)
    {
        var isSmall = sections.Sum(section => section.Bytes) / groups < SmallBlockBytes;
        if (!isSmall || known.Count == 0 || !sections.Any(section => section.Dictionary is not null)) return new BlockCompression(core.Options.CompressionLevel, null);
        return new BlockCompression(
            Math.Max(core.Options.CompressionLevel, SmallBlockLevel), await core.Dictionaries.GetAsync(source, stream, known[^1].Hash, cancellation));
    }

    private static int Thousandths(long plain, long compressed) => (int)((plain - compressed) * 1000 / Math.Max(1, plain));

    // JSON in small blocks comes out at about a quarter.
    private static bool IsWorth(byte[] content, int saved, long bytes) => bytes / 4 * saved / 1000 * BuildsToPay > content.Length;
}
