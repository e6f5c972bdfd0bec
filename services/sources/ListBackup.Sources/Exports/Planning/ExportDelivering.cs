using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Lays a planned export at its destination, takes away what is older than the plan keeps, and notes what became of it.</summary>
public sealed class ExportDelivering(
    ExportPlanStore plans, IExportDestinations destinations, ExportFiles files, ActivityLog activities, Notifications notifications, TimeProvider clock)
{
    /// <summary>Channels choose by it.</summary>
    public const string FailedEvent = "export.failed";

    /// <summary>Lays all files, the manifest last: where it lies, the export is whole. Repeating it replaces them.</summary>
    /// <exception cref="DestinationException">The destination did not take a file.</exception>
    public async Task DeliverAsync(Job job, Snapshot snapshot, CancellationToken cancellation)
    {
        var export = job.Export!; // An export job is made with it.
        if (await plans.FindAsync(job.SourceId, export.PlanId!.Value, cancellation) is not { } stored) return; // Deleted meanwhile: nobody waits for it.
        var (plan, folder) = (stored.Value, FolderOf(job));
        var destination = destinations.Open(plan.AccountId, plan.Destination, await plans.SecretAsync(plan, cancellation));
        foreach (var file in export.Files)
        {
            await using var content = await files.OpenAsync(job.AccountId, job.Id, file.Name, cancellation);
            await destination.PutAsync($"{folder}/{file.Name}", content, file, cancellation);
        }
        var manifest = JsonSerializer.SerializeToUtf8Bytes(ExportManifest.Of(job, snapshot, clock.GetUtcNow()), SourceItemsJson.Default.ExportManifest);
        var sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(manifest));
        await destination.PutAsync($"{folder}/{ExportArchive.ManifestName}", new MemoryStream(manifest), new(ExportArchive.ManifestName, null, 0, manifest.Length, sum), cancellation);

        var delivery = new ExportDelivery
        {
            PlanId = plan.Id,
            JobId = job.Id,
            Seq = export.Seq,
            At = clock.GetUtcNow(),
            State = DeliveryState.Delivered,
            Folder = folder,
            Files = [.. export.Files.Select(f => f.Name), ExportArchive.ManifestName],
            Records = export.Files.Sum(f => f.Records),
            Bytes = export.Files.Sum(f => f.Bytes),
        };
        await NoteAsync(job, plan, delivery, cancellation);
        try
        {
            await RemoveOldAsync(plan, destination, cancellation);
        }
        catch (DestinationException kept)
        {
            // The new export is there all the same; the next delivery tries again.
            await plans.PutAsync(job.SourceId, delivery with { Reason = new("old-not-removed", kept.Message, "Allow the plan's key to delete, or remove old exports yourself.") }, cancellation);
        }
    }

    /// <summary>Notes that a planned export did not come to its end, and tells the account's channels.</summary>
    public async Task FailedAsync(Job job, Reason reason, CancellationToken cancellation)
    {
        if (await plans.FindAsync(job.SourceId, job.Export!.PlanId!.Value, cancellation) is not { Value: var plan }) return; // As above.
        await NoteAsync(job, plan, new() { PlanId = plan.Id, JobId = job.Id, Seq = job.Export.Seq, At = clock.GetUtcNow(), State = DeliveryState.Failed, Reason = reason, Folder = FolderOf(job) }, cancellation);
        await notifications.SendAsync(plan.AccountId, FailedEvent, plan.Id.ToString(), $"The planned export {plan.Name} failed", $"{reason.Message} {reason.Action}".Trim(), NotificationId.Of($"{FailedEvent} {job.Id}").ToString(), cancellation,
            ("source", plan.SourceId.ToString()), ("job", job.Id.ToString()), ("reason", reason.Code), (Notification.Link, $"/sources/{plan.SourceId}"));
    }

    private async Task NoteAsync(Job job, ExportPlan plan, ExportDelivery delivery, CancellationToken cancellation)
    {
        await plans.PutAsync(job.SourceId, delivery, cancellation);
        await activities.AppendAsync(plan.AccountId, job.RequestedBy, $"export.{(delivery.State == DeliveryState.Failed ? "delivery-failed" : "delivered")}", plan.Id.ToString(), cancellation,
            ("source", plan.SourceId.ToString()), ("snapshot", delivery.Seq.ToString()), ("records", delivery.Records.ToString()));
    }

    /// <summary>The manifest goes first: what is left of a removal that was cut off does not look whole.</summary>
    private async Task RemoveOldAsync(ExportPlan plan, IExportDestination destination, CancellationToken cancellation)
    {
        var kept = 0;
        var old = new List<ExportDelivery>();
        await foreach (var delivery in plans.DeliveriesAsync(plan.SourceId, plan.Id, cancellation))
        {
            if (delivery.State == DeliveryState.Delivered && ++kept > plan.KeepLast) old.Add(delivery);
        }
        foreach (var delivery in old)
        {
            foreach (var name in delivery.Files.Reverse()) await destination.DeleteAsync($"{delivery.Folder}/{name}", cancellation);
            await plans.PutAsync(plan.SourceId, delivery with { State = DeliveryState.Removed }, cancellation);
        }
    }

    /// <summary>Sorts by time; the end of the job's id keeps plans apart that share a place.</summary>
    private static string FolderOf(Job job) => $"{job.CreatedAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-snapshot-{job.Export!.Seq}-{job.Id.ToString()[^6..]}";
}
