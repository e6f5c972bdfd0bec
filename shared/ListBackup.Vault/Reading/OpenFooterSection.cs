using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>A section of a footer that was read, and those of its pages that were. Safe for concurrent use: a page is read twice at worst.</summary>
internal sealed class OpenFooterSection
{
    private readonly FooterSection _section;
    private readonly string _object;
    private readonly IReadOnlyList<BlockEntry>?[] _pages;
    private SectionTable? _table;

    public OpenFooterSection(FooterSection section, string objectName)
    {
        (_section, _object) = (section, objectName);
        // Without pages the footer is the one page.
        _pages = section.Pages is null ? [section.Blocks] : new IReadOnlyList<BlockEntry>?[section.Pages.Groups.Count];
        Head = section.With([]);
    }

    /// <summary>The table without blocks.</summary>
    public SectionTable Head { get; }

    /// <summary>The whole table; every page was read.</summary>
    public SectionTable Table => _table ??= With(0, _pages.Length);

    /// <summary>The table with the pages that may hold groups of a range; all of these were read.</summary>
    public SectionTable PartOf(int firstGroup, int endGroup)
    {
        var (first, count) = PagesOf(firstGroup, endGroup);
        return With(first, count);
    }

    /// <summary>Where the pages lie that may hold groups of a range and were not read yet; null when there are none.</summary>
    public (long Offset, int Length)? FindMissing(int firstGroup, int endGroup)
    {
        var (first, count) = PagesOf(firstGroup, endGroup);
        var end = first + count;
        while (first < end && _pages[first] is not null) first++;
        while (end > first && _pages[end - 1] is not null) end--;
        return first < end ? _section.Pages!.RangeOf(first, end - first) : null; // What is not read is a page.
    }

    /// <summary>Reads every page that lies in these bytes.</summary>
    /// <param name="bytes">Of the object.</param>
    /// <param name="start">Where in the object they begin.</param>
    /// <exception cref="VaultDamagedException">A page is not what the footer says.</exception>
    public void ReadPages(ReadOnlySpan<byte> bytes, long start)
    {
        for (var page = 0; page < _section.Pages?.Groups.Count; page++)
        {
            var (offset, length) = _section.Pages.RangeOf(page, 1);
            if (_pages[page] is not null || offset < start || offset + length > start + bytes.Length) continue;
            _pages[page] = _section.Pages.ReadPage(page, bytes.Slice((int)(offset - start), length), _section.Groups, _object);
        }
    }

    private (int First, int Count) PagesOf(int firstGroup, int endGroup) => _section.Pages?.PagesOf(firstGroup, endGroup) ?? (0, 1);

    private SectionTable With(int first, int count) => count == 1
        ? _section.With(_pages[first]!) // Who asks has seen to it.
        : _section.With([.. _pages.Skip(first).Take(count).SelectMany(page => page!)]);
}
