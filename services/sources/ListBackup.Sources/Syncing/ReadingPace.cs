using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Asked after every page: may the worker go on? Writes progress and drafts at their intervals on the way.</summary>
internal sealed class ReadingPace(
    RunStore runs, SyncOptions options, TimeProvider clock, PartLease lease, PartReading reading, StreamBackup backup, DateTimeOffset deadline, CancellationToken cancellation)
{
    private DateTimeOffset _draftAt = clock.GetUtcNow() + options.DraftEvery;
    private DateTimeOffset _progressAt = clock.GetUtcNow();

    /// <summary>The part is somebody else's now, or its run was cancelled: nothing more is written.</summary>
    public bool IsLost { get; private set; }

    public async ValueTask<bool> GoOnAsync()
    {
        var now = clock.GetUtcNow();
        if (now >= _progressAt)
        {
            _progressAt = now + options.ProgressEvery;
            IsLost = !await lease.RenewAsync(reading.Counts, hasProgress: true, cancellation) || !await IsRunLiveAsync();
            if (IsLost) return false;
        }
        if (now >= deadline - options.DeadlineMargin) return false;
        if (now >= _draftAt)
        {
            _draftAt = now + options.DraftEvery;
            await backup.SaveDraftAsync(reading.Position.ToJson(), cancellation);
        }
        return true;
    }

    private async Task<bool> IsRunLiveAsync() =>
        await runs.FindRunAsync(lease.Part.SourceId, lease.Part.RunId, cancellation) is { Value.HasEnded: false };
}
