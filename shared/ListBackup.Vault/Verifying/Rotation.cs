using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Verifying;

/// <summary>
/// Which segments were read when, sealed under <c>x/verify</c>: so that many small verifications read everything in turn. Losing it costs time only.
/// </summary>
internal sealed class Rotation
{
    public const string Name = "x/verify";
    private const string Purpose = "verification rotation";

    // Now and then, so that a run that is cut off has not worked for nothing.
    private const long SaveEveryBytes = 256L * 1024 * 1024;

    private readonly VaultCore _core;
    private readonly SortedDictionary<string, RotationMark> _marks;
    private long _unsavedBytes;

    private Rotation(VaultCore core, SortedDictionary<string, RotationMark> marks) => (_core, _marks) = (core, marks);

    public static async Task<Rotation> OpenAsync(VaultCore core, CancellationToken cancellation)
    {
        try
        {
            var box = await core.Objects.ReadAsync(Name, cancellation);
            var state = CanonicalJson.Read(Sealed.Read(core.Secrets.Cache, Purpose, box), FormatJson.Default.RotationState, Name);
            return new Rotation(core, state.Objects);
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or CryptographicException or VaultDamagedException)
        {
            return new Rotation(core, new SortedDictionary<string, RotationMark>(StringComparer.Ordinal));
        }
    }

    /// <summary>What is to be read in this run: what was not looked at for the longest time, as much as the budget allows, and one in any case.</summary>
    public HashSet<string> Choose(IReadOnlyCollection<(string Name, long Size)> segments, long budgetBytes)
    {
        var (chosen, bytes) = (new HashSet<string>(StringComparer.Ordinal), 0L);
        // By the last look, not the last success: a damaged segment must not stand in the way of the others.
        foreach (var (name, size) in segments.OrderBy(segment => _marks.GetValueOrDefault(segment.Name)?.Looked ?? DateTimeOffset.MinValue).ThenBy(segment => segment.Name, StringComparer.Ordinal))
        {
            if (chosen.Count > 0 && bytes + size > budgetBytes) break;
            chosen.Add(name);
            bytes += size;
        }

        return chosen;
    }

    /// <summary>Remembers that a segment was read.</summary>
    public async Task MarkAsync(string name, long size, bool isSound, CancellationToken cancellation)
    {
        var now = _core.Options.Clock.GetUtcNow();
        _marks[name] = new RotationMark { Looked = now, Sound = isSound ? now : _marks.GetValueOrDefault(name)?.Sound };
        _unsavedBytes += size;
        if (_unsavedBytes >= SaveEveryBytes) await SaveAsync(cancellation);
    }

    /// <summary>Forgets segments that are no more, and saves.</summary>
    /// <param name="segments">All that there are in the scope.</param>
    /// <param name="scope">What the names of the scope's segments begin with; others are left as they are.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<RotationProgress> FinishAsync(IReadOnlyCollection<(string Name, long Size)> segments, string scope, CancellationToken cancellation)
    {
        var names = segments.Select(segment => segment.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _marks.Keys.Where(name => name.StartsWith(scope, StringComparison.Ordinal) && !names.Contains(name)).ToList()) _marks.Remove(gone);
        await SaveAsync(cancellation);
        var sound = segments.Select(segment => (segment.Size, _marks.GetValueOrDefault(segment.Name)?.Sound)).ToList();
        return new RotationProgress
        {
            Segments = segments.Count,
            Bytes = segments.Sum(segment => segment.Size),
            VerifiedSegments = sound.Count(mark => mark.Sound is not null),
            VerifiedBytes = sound.Where(mark => mark.Sound is not null).Sum(mark => mark.Size),
            Since = sound.Exists(mark => mark.Sound is null) ? null : sound.Min(mark => mark.Sound),
        };
    }

    private Task SaveAsync(CancellationToken cancellation)
    {
        _unsavedBytes = 0;
        var state = CanonicalJson.Write(new RotationState { Objects = _marks }, FormatJson.Default.RotationState);
        return _core.Objects.PutAsync(Name, Sealed.Write(_core.Secrets.Cache, Purpose, state), PutCondition.Replace, cancellation);
    }
}

/// <summary>The cache's content.</summary>
internal sealed record RotationState
{
    public required SortedDictionary<string, RotationMark> Objects { get; init; }
}

/// <summary>When a segment was read last, and when it was last found whole.</summary>
internal sealed record RotationMark
{
    public required DateTimeOffset Looked { get; init; }
    public DateTimeOffset? Sound { get; init; }
}
