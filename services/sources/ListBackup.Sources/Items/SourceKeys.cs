using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Where the items of the sources table lie; see docs/data.md.</summary>
public static class SourceKeys
{
    /// <summary>Index partition of sources, sorted by their next run time.</summary>
    public const string DuePartition = "DUE";

    /// <summary>Index partition of runs and jobs that have not ended, sorted by the time at which the sweeper looks after them.</summary>
    public const string LivePartition = "LIVE";

    /// <summary>Index partition of sources' maintenance, sorted by when it is due.</summary>
    public const string MaintenancePartition = "MAINT";

    public static string Partition(AccountId account) => $"ACC#{account}";

    public static string Partition(SourceId source) => $"SRC#{source}";

    public static string Partition(JobId job) => $"JOB#{job}";

    public static ItemKey Source(AccountId account, SourceId source) => new(Table.Sources, Partition(account), $"{SourcePrefix}{source}");

    /// <summary>The secret of an account's pseudonyms; beside its sources, not among them.</summary>
    public static ItemKey MaskSecret(AccountId account) => new(Table.Sources, Partition(account), "MASK");

    /// <summary>When attachments that nothing names were last collected in the account's vault; beside its sources, not among them.</summary>
    public static ItemKey AttachmentCollection(AccountId account) => new(Table.Sources, Partition(account), "ATTACHMENTS");

    /// <summary>What the sort keys of an account's sources begin with.</summary>
    public const string SourcePrefix = "SRC#";

    /// <summary>Index partition of export plans, sorted by the time of their next export.</summary>
    public const string ExportDuePartition = "EXPORTDUE";

    public const string ExportPlanPrefix = "EXPORTPLAN#";

    public const string SnapshotPrefix = "SNAP#";

    public static ItemKey ExportPlan(SourceId source, ExportPlanId plan) => new(Table.Sources, Partition(source), $"{ExportPlanPrefix}{plan}");

    public static ItemKey Delivery(SourceId source, ExportPlanId plan, JobId job) => new(Table.Sources, Partition(source), $"{DeliveryPrefix(plan)}{job}");

    public static string DeliveryPrefix(ExportPlanId plan) => $"DELIVERY#{plan}#";

    public static IndexKey ExportDue(DateTimeOffset at, ExportPlanId plan) => new(ExportDuePartition, $"{TimeText(at)}#{plan}");

    public static ItemQuery SourcesOf(AccountId account) =>
        new() { Table = Table.Sources, Partition = Partition(account), SortPrefix = SourcePrefix, Limit = ItemQuery.LimitMax };

    public static ItemKey Run(SourceId source, RunId run) => new(Table.Sources, Partition(source), $"RUN#{run}");

    /// <summary>One stream's part in a run. Beside the runs, not among them, so that a list of runs does not read it.</summary>
    public static ItemKey Part(SourceId source, RunId run, string stream) => new(Table.Sources, Partition(source), $"{PartPrefix(run)}{stream}");

    public static string PartPrefix(RunId run) => $"PART#{run}#";

    public static ItemKey Job(SourceId source, JobId job) => new(Table.Sources, Partition(source), $"JOB#{job}");

    public static ItemKey Snapshot(SourceId source, long seq) => new(Table.Sources, Partition(source), $"{SnapshotPrefix}{seq:d12}");

    public static ItemKey Maintenance(SourceId source) => new(Table.Sources, Partition(source), "MAINT");

    /// <summary>What is usual for a stream. The name is hashed: streams of a platform's own naming may be longer than a key.</summary>
    public static ItemKey History(SourceId source, string stream) =>
        new(Table.Sources, Partition(source), $"HIST#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stream)).AsSpan(0, 16))}");

    /// <summary>One record of a restore plan, in the order in which it is written.</summary>
    public static ItemKey PlanItem(JobId job, long number) => new(Table.Sources, Partition(job), $"P#{number:d10}");

    /// <summary>One that is written at the plan's end, until planning comes there.</summary>
    public static ItemKey KeptItem(JobId job, long place) => new(Table.Sources, Partition(job), $"K#{place:d10}");

    /// <summary>Where a restored record lives now. Old ids are the platform's text; their hash keeps the key short and free of personal data.</summary>
    public static ItemKey NewId(SourceId source, ConnectionId connection, string stream, string oldId) =>
        new(Table.Sources, Partition(source), $"ID#{connection}#{stream}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(oldId)).AsSpan(0, 16))}");

    public static IndexKey Due(DateTimeOffset at, SourceId source) => new(DuePartition, $"{TimeText(at)}#{source}");

    public static IndexKey Maintenance(DateTimeOffset at, SourceId source) => new(MaintenancePartition, $"{TimeText(at)}#{source}");

    public static IndexKey Live(DateTimeOffset lookAt, string id) => new(LivePartition, $"{TimeText(lookAt)}#{id}");

    /// <summary>Sorts as text in the order of time.</summary>
    public static string TimeText(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ");
}
