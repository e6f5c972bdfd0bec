using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed record VerifySourceRequest
{
    /// <summary>chain, objects, blocks (every byte; the default) or restore (a drill: everything is restored into nothing).</summary>
    public string? Level { get; init; }

    /// <summary>For a drill: this snapshot. Absent: the newest and every other that differs.</summary>
    public long? Seq { get; init; }
}

/// <summary>Verifies a source's backups now; the job's answer carries the report.</summary>
public sealed class VerifySource(RunStore runs, JobStore jobs, JobMessages messages)
{
    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, VerifySourceRequest? request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var level = VerifyLevel.Blocks;
        if (request?.Level is { } text && (!Enum.TryParse(text, ignoreCase: true, out level) || !char.IsLetter(text[0])))
            throw Problem.Invalid("level", "Must be chain, objects, blocks or restore.");
        var job = jobs.New(source.Value, JobKind.Verify, JobState.Queued, access.Caller.Actor) with { Verify = new(level, request?.Seq) };
        await jobs.AddAsync(job, cancellation);
        await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        return TypedResults.Accepted($"/v1/accounts/{job.AccountId}/sources/{job.SourceId}/jobs/{job.Id}", JobView.Of(job));
    }
}
