using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>
/// Writes an export's files. NDJSON and CSV are written stream by stream, and a stream goes on in a further file where a delivery was too short for it;
/// Parquet stream by stream, each in one go; workbooks and databases as a whole.
/// </summary>
public sealed class ExportWorker(
    JobStore jobs, JobMessages messages, ExportContents contents, ExportFiles files, ExportArchive archive, IEnumerable<IExportFormat> formats, ExportDelivering delivering, ActivityLog activities,
    SyncOptions options, ExportOptions exportOptions) : IMessageHandler
{
    /// <summary>How long finished files are handed out.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    /// <summary>Deliveries of the message in a row that a destination did not take the files.</summary>
    private const int DestinationTriesMax = 6;

    private static readonly TimeSpan DestinationPause = TimeSpan.FromSeconds(30);

    public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var body = RunMessages.Read(message, SourceItemsJson.Default.JobMessage);
        var (lease, job) = await JobLease.TakeAsync(jobs, body, cancellation);
        if (lease is null)
        {
            if (job is { IsLive: true, LeaseUntil: { } until }) await messages.SendAsync(job, until > jobs.Now ? until - jobs.Now : TimeSpan.Zero, cancellation);
            return;
        }
        try
        {
            if (lease.Job.Failures > JobLease.FailuresMax) throw Problem.Conflict("The export was cut off each time it was tried; it may be too large for this installation.", "no-progress");
            await WorkAsync(lease, deadline - options.DeadlineMargin, cancellation);
        }
        catch (Problem problem)
        {
            await EndAsync(lease, JobState.Failed, new(problem.Code, problem.Message), cancellation);
        }
        catch (VaultException damage)
        {
            await EndAsync(lease, JobState.Failed, new("vault", damage.Message, "Verify the source."), cancellation);
        }
        catch (DestinationException refused) when (refused.IsFinal || lease.Job.Failures >= DestinationTriesMax)
        {
            await EndAsync(lease, JobState.Failed, new("destination", refused.Message, "Change the export plan, or what it may do at its destination."), cancellation);
        }
        catch (DestinationException)
        {
            var pause = DestinationPause * Math.Pow(2, lease.Job.Failures - 1);
            if (await lease.ReleaseAsync(j => j, pause, cancellation)) await messages.SendAsync(lease.Job, pause, cancellation);
        }
        catch (ObjectStoreFullException full)
        {
            await EndAsync(lease, JobState.Failed, new("storage-full", full.Message, "Make room where exports are kept."), cancellation);
        }
    }

    private async Task WorkAsync(JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var format = formats.FirstOrDefault(f => f.Format == lease.Job.Export!.Format) // An export job is made with it.
            ?? throw Problem.Conflict($"This installation does not write {ApiText.Of(lease.Job.Export!.Format)}.", "format-not-here");
        var content = await contents.OpenAsync(lease.Job, cancellation);
        if (lease.Job.Export!.Streams.Count == 0 && !await ChooseStreamsAsync(lease, content, cancellation)) return;
        while (lease.Job.Export!.StreamsDone < lease.Job.Export.Streams.Count)
        {
            if (!await StepAsync(lease, format, content, deadline, cancellation)) return;
            if (jobs.Now < deadline || lease.Job.Export.StreamsDone == lease.Job.Export.Streams.Count) continue;
            await GoOnLaterAsync(lease, cancellation);
            return;
        }
        if (lease.Job.Export is { IsArchive: true, Files: not [{ Name: ExportArchive.Name }] } && !await PackAsync(lease, content, cancellation)) return;
        if (lease.Job.Export.PlanId is not null && !await DeliverAsync(lease, content, cancellation)) return;
        await EndAsync(lease, JobState.Succeeded, null, cancellation);
    }

    /// <summary>A planned export of everything: of what the snapshot has.</summary>
    private static Task<bool> ChooseStreamsAsync(JobLease lease, ExportContent content, CancellationToken cancellation)
    {
        IReadOnlyList<string> streams = [.. content.Snapshot.Streams.Select(s => s.Stream)];
        return streams.Count == 0
            ? throw Problem.Conflict($"Snapshot {lease.Job.Export!.Seq} has no stream.", "no-streams")
            : lease.RenewAsync(j => j with { State = JobState.Running, Export = j.Export! with { Streams = streams } }, cancellation);
    }

    /// <summary>Writes the next file. False: the job is somebody else's now, or was cancelled.</summary>
    private async Task<bool> StepAsync(JobLease lease, IExportFormat format, ExportContent content, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var export = lease.Job.Export!;
        var isWhole = format.Layout == ExportLayout.OneFile;
        var goesOn = format.Layout == ExportLayout.Parts && content.GoesOn;
        var part = new ExportPart(export.Position?.AfterKey, goesOn ? deadline : null);
        using var leftovers = new ExportLeftovers(exportOptions.WorkFolder);
        using var tooLate = new CancellationTokenSource(deadline > jobs.Now ? deadline - jobs.Now : TimeSpan.Zero, jobs.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var tooLateStops = goesOn ? default : tooLate.Token.Register(stop.Cancel);

        var names = isWhole ? export.Streams : [export.Streams[export.StreamsDone]];
        var streams = new List<ExportedStream>();
        foreach (var stream in names) streams.Add(await content.StreamAsync(stream, part, cancellation));
        var writing = files.WriteAsync(lease.Job, NameOf(export, isWhole), isWhole ? null : names[0], (output, stops) => format.WriteAsync(streams, output, leftovers, stops), stop.Token);
        if (!await lease.HoldAsync(writing, cancellation))
        {
            await stop.CancelAsync();
            return false;
        }
        var file = await FinishedAsync(writing, tooLate, cancellation);
        if (part is { WasCut: true, LastKey: null }) throw TooLarge();
        IReadOnlyList<ExportFile> finished = leftovers.Open() is { } rest ? [file, await WriteLeftoversAsync(lease.Job, file, rest, leftovers.Count, cancellation)] : [file];
        return await lease.RenewAsync(j => j with
        {
            State = JobState.Running,
            Export = j.Export! with
            {
                Files = [.. j.Export.Files, .. finished],
                StreamsDone = part.WasCut ? j.Export.StreamsDone : j.Export.StreamsDone + names.Count,
                Position = part.WasCut ? new((j.Export.Position?.Parts ?? 0) + 1, part.LastKey!) : null, // Without a key it was refused above.
            },
        }, cancellation);
    }

    /// <summary>The file, or a refusal where there was no time for it: a repetition would not have more.</summary>
    private static async Task<ExportFile> FinishedAsync(Task<ExportFile> writing, CancellationTokenSource tooLate, CancellationToken cancellation)
    {
        try
        {
            return await writing;
        }
        catch (OperationCanceledException) when (tooLate.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw TooLarge();
        }
    }

    private static Problem TooLarge() =>
        Problem.Conflict("The export does not fit into the time that one step may take. Export fewer streams, filter, or choose NDJSON or CSV, which go on in further files.", "export-too-large");

    private static string NameOf(ExportDetail export, bool isWhole)
    {
        var extension = ApiText.Of(export.Format);
        if (isWhole) return $"export.{extension}";
        var part = export.Position is { } position ? $".{position.Parts + 1}" : "";
        return $"{export.StreamsDone + 1:d3}-{ExportFiles.Safe(export.Streams[export.StreamsDone])}{part}.{extension}";
    }

    /// <summary>What the file had no room for lies beside it.</summary>
    private Task<ExportFile> WriteLeftoversAsync(Job job, ExportFile file, Stream rest, long count, CancellationToken cancellation) =>
        files.WriteAsync(job, $"{Path.GetFileNameWithoutExtension(file.Name)}_more.ndjson", file.Stream, async (output, stop) =>
        {
            await rest.CopyToAsync(output.AsStream(leaveOpen: true), stop);
            return count;
        }, cancellation);

    private async Task<bool> PackAsync(JobLease lease, ExportContent content, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var packing = archive.WriteAsync(lease.Job, ExportManifest.Of(lease.Job, content.Snapshot, jobs.Now), stop.Token);
        if (!await lease.HoldAsync(packing, cancellation))
        {
            await stop.CancelAsync();
            return false;
        }
        var file = await packing;
        return await lease.RenewAsync(j => j with { Export = j.Export! with { Files = [file] } }, cancellation);
    }

    private async Task<bool> DeliverAsync(JobLease lease, ExportContent content, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var delivery = delivering.DeliverAsync(lease.Job, content.Snapshot, stop.Token);
        var held = await lease.HoldAsync(delivery, cancellation);
        if (held) await delivery;
        else await stop.CancelAsync();
        return held;
    }

    private async Task GoOnLaterAsync(JobLease lease, CancellationToken cancellation)
    {
        if (await lease.ReleaseAsync(j => j, TimeSpan.Zero, cancellation)) await messages.SendAsync(lease.Job, TimeSpan.Zero, cancellation);
    }

    private async Task EndAsync(JobLease lease, JobState state, Reason? reason, CancellationToken cancellation)
    {
        var ended = await lease.ReleaseAsync(j => j with
        {
            State = state,
            Reason = reason,
            FinishedAt = jobs.Now,
            Export = j.Export! with { ExpiresAt = jobs.Now + KeptFor },
        }, TimeSpan.Zero, cancellation);
        if (!ended) return;
        if (reason is not null && lease.Job.Export!.PlanId is not null) await delivering.FailedAsync(lease.Job, reason, cancellation);
        await activities.AppendAsync(lease.Job.AccountId, lease.Job.RequestedBy, $"export.{ApiText.Of(state)}", lease.Job.Id.ToString(), cancellation,
            ("source", lease.Job.SourceId.ToString()), ("mask", ApiText.Of(lease.Job.Export!.Mask)), ("records", lease.Job.Export!.Files.Sum(f => f.Records).ToString()));
    }
}
