using System.Numerics;

namespace ListBackup.Vault.Format;

/// <summary>
/// Groups whose keys an erasure has taken out of every epoch before one (vault-format.md, "Forgotten groups"). Of an epoch that is divided
/// more coarsely, the group that holds such a one.
/// </summary>
/// <param name="Before">The epoch from which on there are keys again.</param>
/// <param name="Of">How many groups the division has that <paramref name="Groups"/> counts in.</param>
/// <param name="Groups">Ascending.</param>
internal sealed record ForgottenGroups(int Before, int Of, IReadOnlyList<int> Groups);

/// <summary>What has been forgotten of a stream, over all its erasures.</summary>
internal static class Forgotten
{
    /// <summary>True when the key of that group in that epoch is forgotten.</summary>
    public static bool Covers(IReadOnlyList<ForgottenGroups> forgotten, int epoch, int groupCount, int group)
    {
        foreach (var entry in forgotten)
        {
            if (epoch < entry.Before && entry.Groups.Any(erased => Overlaps(erased, entry.Of, group, groupCount))) return true;
        }

        return false;
    }

    /// <summary>The forgotten groups of an epoch, in its own division, ascending.</summary>
    public static int[] GroupsOf(IReadOnlyList<ForgottenGroups> forgotten, int epoch, int groupCount) =>
        [.. forgotten.Where(entry => epoch < entry.Before)
            .SelectMany(entry => entry.Groups.SelectMany(group => In(group, entry.Of, groupCount)))
            .Distinct().Order()];

    /// <summary>Adds an erasure. A group that was erased before is named once, with the later epoch: its keys before that are forgotten anyway.</summary>
    public static IReadOnlyList<ForgottenGroups> Add(IReadOnlyList<ForgottenGroups> forgotten, ForgottenGroups erasure)
    {
        var added = erasure.Groups.ToHashSet();
        var earlier = forgotten.Select(entry => entry.Of == erasure.Of ? entry with { Groups = [.. entry.Groups.Where(group => !added.Contains(group))] } : entry);
        return [.. earlier.Where(entry => entry.Groups.Count > 0), erasure];
    }

    /// <summary>A group in another division: the one that holds it, or those that it holds.</summary>
    public static IEnumerable<int> In(int group, int of, int groupCount)
    {
        var shift = BitOperations.Log2((uint)groupCount) - BitOperations.Log2((uint)of);
        return shift <= 0 ? [group >> -shift] : Enumerable.Range(group << shift, 1 << shift);
    }

    private static bool Overlaps(int group, int of, int otherGroup, int otherOf)
    {
        var shift = BitOperations.Log2((uint)otherOf) - BitOperations.Log2((uint)of);
        return shift <= 0 ? group >> -shift == otherGroup : otherGroup >> shift == group;
    }
}
