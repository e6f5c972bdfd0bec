using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>One delivery's hold on a job: only its holder moves the job, and a holder that dies loses it after <see cref="LeaseTime"/>.</summary>
public sealed class JobLease
{
    /// <summary>Longer than any single step between two renewals.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(3);

    /// <summary>Deliveries in a row without a step forward before the job is given up.</summary>
    public const int FailuresMax = 12;

    private readonly JobStore _jobs;
    private readonly string _token;

    private JobLease(JobStore jobs, Job job, string token) => (_jobs, Job, _token) = (jobs, job, token);

    public Job Job { get; private set; }

    /// <summary>Takes a live job. Null when it has nothing to do, must wait or is held; then the job is returned, for a later try.</summary>
    public static async Task<(JobLease? Lease, Job? Job)> TakeAsync(JobStore jobs, JobMessage message, CancellationToken cancellation)
    {
        if (await jobs.FindAsync(message.SourceId, message.JobId, cancellation) is not { } found) return (null, null);
        var token = Guid.CreateVersion7(jobs.Now).ToString("N");
        var taken = false;
        var stored = await jobs.UpdateAsync(found.Value, job =>
        {
            var isFree = jobs.Options.IsFree(job.LeaseUntil, LeaseTime, jobs.Now) && (job.NotBefore is null || job.NotBefore <= jobs.Now);
            taken = job.IsLive && isFree;
            return taken ? job with { Lease = token, LeaseUntil = jobs.Now + LeaseTime, NotBefore = null, Failures = job.Failures + 1 } : null;
        }, cancellation);
        return taken ? (new(jobs, stored!.Value, token), stored.Value) : (null, stored?.Value);
    }

    /// <summary>Changes the job and holds on. False: it is somebody else's now, or was cancelled; nothing was changed.</summary>
    public Task<bool> RenewAsync(Func<Job, Job> change, CancellationToken cancellation) =>
        ChangeAsync(job => change(job) with { LeaseUntil = _jobs.Now + LeaseTime, Failures = 0 }, cancellation);

    /// <summary>Holds on before a step that may take a while; renews only when a third of the time is over. False: the job is somebody else's now, or was cancelled.</summary>
    public async Task<bool> KeepAsync(CancellationToken cancellation) =>
        Job.LeaseUntil - _jobs.Now > LeaseTime * 2 / 3 || await ChangeAsync(job => job with { LeaseUntil = _jobs.Now + LeaseTime }, cancellation);

    /// <summary>Changes the job and gives it free, for at once or for later.</summary>
    public Task<bool> ReleaseAsync(Func<Job, Job> change, TimeSpan delay, CancellationToken cancellation) => ChangeAsync(job => change(job) with
    {
        Lease = null,
        LeaseUntil = null,
        NotBefore = delay > TimeSpan.Zero ? _jobs.Now + delay : null,
    }, cancellation);

    /// <summary>Waits for work that takes longer than a lease, and holds on meanwhile. False: the job is somebody else's now, or was cancelled.</summary>
    public async Task<bool> HoldAsync(Task work, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(LeaseTime / 3, _jobs.Clock);
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        while (await Task.WhenAny(work, tick) != work)
        {
            if (!await ChangeAsync(job => job with { LeaseUntil = _jobs.Now + LeaseTime }, cancellation)) return false;
            tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        }
        return true;
    }

    private async Task<bool> ChangeAsync(Func<Job, Job> change, CancellationToken cancellation)
    {
        var held = false;
        var stored = await _jobs.UpdateAsync(Job, job =>
        {
            held = job.Lease == _token && job.IsLive;
            return held ? change(job) : null;
        }, cancellation);
        if (held) Job = stored!.Value;
        return held;
    }
}
