using System.Numerics;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>
/// Reads single groups, for who wants a record or two of a large stream: of each section's table only the pages of those groups are fetched. Whoever wants most groups is
/// better off with a <see cref="GroupReader"/>, which fetches tables whole.
/// </summary>
internal sealed class SingleGroupReader
{
    private readonly VaultCore _core;
    private readonly IReadOnlyList<SectionReference> _sections;
    private readonly IReadOnlyList<int> _divisions;
    private readonly long _upTo;

    private SingleGroupReader(VaultCore core, IReadOnlyList<SectionReference> sections, IReadOnlyList<int> divisions, long upTo) =>
        (_core, _sections, _divisions, _upTo) = (core, sections, divisions, upTo);

    /// <summary>How many groups there are: those of the section with the fewest.</summary>
    public int GroupCount => _divisions.DefaultIfEmpty(1).Min();

    /// <summary>A reader of what a snapshot has of a stream.</summary>
    public static async Task<SingleGroupReader> OpenAsync(VaultCore core, StreamView view, CancellationToken cancellation)
    {
        var divisions = new List<int>();
        foreach (var reference in view.Sections) divisions.Add((await core.Sections.GetHeadAsync(reference, cancellation)).Groups);
        return new SingleGroupReader(core, view.Sections, divisions, view.Seq);
    }

    /// <summary>One group: a range read for each section that has it, and another for its page of the table where the section is large.</summary>
    public async Task<GroupVersions> ReadGroupAsync(int group, CancellationToken cancellation)
    {
        var parts = new List<(SectionReference Reference, SectionTable Table)>(_sections.Count);
        for (var i = 0; i < _sections.Count; i++)
        {
            var shift = BitOperations.Log2((uint)_divisions[i]) - BitOperations.Log2((uint)GroupCount);
            parts.Add((_sections[i], await _core.Sections.GetPartAsync(_sections[i], group << shift, (group + 1) << shift, cancellation)));
        }

        return await GroupReader.Over(_core, parts, GroupCount, _upTo).ReadGroupAsync(group, cancellation);
    }
}
