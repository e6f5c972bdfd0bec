using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Jobs as items.</summary>
public sealed class JobStore(IItemStore items, SyncOptions options, TimeProvider clock)
{
    public IItemStore Items => items;

    public TimeProvider Clock => clock;

    public SyncOptions Options => options;

    public DateTimeOffset Now => clock.GetUtcNow();

    public Job New(Source source, JobKind kind, JobState state, string requestedBy) => new()
    {
        Id = JobId.New(clock),
        SourceId = source.Id,
        AccountId = source.AccountId,
        Kind = kind,
        State = state,
        RequestedBy = requestedBy,
        CreatedAt = Now,
        Trace = WorkTrace.Begin(),
    };

    public Task AddAsync(Job job, CancellationToken cancellation) => items.PutAsync(Item(job), Condition.Absent, cancellation);

    public Task<Stored<Job>?> FindAsync(SourceId source, JobId job, CancellationToken cancellation) =>
        items.FindAsync(SourceKeys.Job(source, job), SourceItemsJson.Default.Job, cancellation);

    /// <summary>The job, or a refusal when there is none of that kind.</summary>
    public async Task<Stored<Job>> GetAsync(SourceId source, JobId job, JobKind? kind, CancellationToken cancellation) =>
        await FindAsync(source, job, cancellation) is { } found && (kind is null || found.Value.Kind == kind)
            ? found
            : throw Problem.NotFound($"The {(kind is { } k ? ApiText.Of(k) : "job")}");

    public Task<Stored<Job>?> UpdateAsync(Job job, Func<Job, Job?> change, CancellationToken cancellation) =>
        items.UpdateAsync(SourceKeys.Job(job.SourceId, job.Id), SourceItemsJson.Default.Job, change, cancellation, LiveIndex);

    public Item Item(Job job) => ItemJson.Item(SourceKeys.Job(job.SourceId, job.Id), job, SourceItemsJson.Default.Job, LiveIndex(job));

    /// <summary>When the sweeper looks: after silence, and when an ended export's files are to go.</summary>
    private IndexKey? LiveIndex(Job job)
    {
        var id = $"{job.AccountId}#{job.SourceId}#{job.Id}";
        if (job.IsLive) return SourceKeys.Live(Now + RunStore.SilenceMax, id);
        return job.Export is { AreFilesRemoved: false } export && (export.ExpiresAt ?? job.FinishedAt) is { } until ? SourceKeys.Live(until, id) : null;
    }
}
