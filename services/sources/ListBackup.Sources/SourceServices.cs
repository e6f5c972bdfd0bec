using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ListBackup.Sources;

/// <summary>
/// What the sources service is made of. The composition root brings the ports: IItemStore, IQueues, IKeys, IObjectStores, IConnections, TimeProvider,
/// ActivityLog, AccountAccess and logging.
/// </summary>
public static class SourceServices
{
    public static IServiceCollection AddSources(this IServiceCollection services)
    {
        services.AddApiJson(SourcesApiJson.Default);
        services.TryAddSingleton(new SyncOptions());
        services.TryAddSingleton<AccountKeyrings>();
        services.AddSingleton<AccountVaults>();
        services.AddSingleton<IAccountKeysListener>(provider => provider.GetRequiredService<AccountVaults>());
        services.AddSingleton<IAccountShredder, SourceShredder>();
        services.AddSingleton<IAccountMeter, SourceMeter>();
        services.AddMetrics();
        services.AddSingleton<SourceMetrics>();
        AddSyncing(services);
        AddJobs(services);
        AddUseCases(services);
        return services;
    }

    /// <summary>The formats of exports. Only who works off <see cref="QueueName.Export"/> needs them, and what they bring along.</summary>
    public static IServiceCollection AddExportFormats(this IServiceCollection services)
    {
        services.AddSingleton<IExportFormat, NdjsonExport>();
        services.AddSingleton<IExportFormat, CsvExport>();
        services.AddSingleton<IExportFormat, XlsxExport>();
        services.AddSingleton<IExportFormat, ParquetExport>();
        services.AddSingleton<IExportFormat, SqliteExport>();
        return services;
    }

    /// <summary>Which handler takes the messages of which queue. Host and functions register by it; a queue that is not here is somebody else's.</summary>
    public static IReadOnlyDictionary<QueueName, Type> QueueHandlers { get; } = new Dictionary<QueueName, Type>
    {
        [QueueName.Plan] = typeof(SyncPlanner),
        [QueueName.Sync] = typeof(SyncWorker),
        [QueueName.Commit] = typeof(SyncCommitter),
        [QueueName.Restore] = typeof(RestoreWorker),
        [QueueName.Export] = typeof(ExportWorker),
        [QueueName.Maintenance] = typeof(Maintenance),
    };

    /// <summary>What runs by the clock, and how often.</summary>
    public static IReadOnlyDictionary<Type, TimeSpan> Schedules { get; } = new Dictionary<Type, TimeSpan>
    {
        [typeof(Scheduler)] = TimeSpan.FromMinutes(1),
        [typeof(Maintenance)] = TimeSpan.FromMinutes(1),
    };

    private static void AddSyncing(IServiceCollection services)
    {
        services.TryAddSingleton<IPlatformReader, EngineReader>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<RunMessages>();
        services.AddSingleton<StreamHistories>();
        services.AddSingleton<ConnectionPlaces>();
        services.AddSingleton<AccountPlan>();
        services.AddSingleton<StartRun>();
        services.TryAddSingleton<Notifications>();
        services.AddSingleton<RunNotices>();
        services.AddSingleton<QuarantineHold>();
        services.AddSingleton<RunEnding>();
        services.AddSingleton<PartEnding>();
        services.AddSingleton<RunFollowUps>();
        services.AddSingleton<RunSweeper>();
        services.AddSingleton<AnnouncedChanges>();
        services.AddSingleton<Scheduler>();
        services.AddSingleton<SyncPlanner>();
        services.AddSingleton<SyncWorker>();
        services.AddSingleton<SyncCommitter>();
        services.AddSingleton<MaintenanceQueue>();
        services.AddSingleton<AttachmentCollecting>();
        services.AddSingleton<MaintenanceSteps>();
        services.AddSingleton<SourceMaintainer>();
        services.AddSingleton<SourceVerification>();
        services.AddSingleton<SearchIndexing>();
        services.AddSingleton<Maintenance>();
    }

    private static void AddJobs(IServiceCollection services)
    {
        services.TryAddSingleton<IPlatformWriter, EngineWriter>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobMessages>();
        services.AddSingleton<JobSweeper>();
        services.AddSingleton<VerifyWorker>();
        services.AddSingleton<RestoreItems>();
        services.AddSingleton<RestorePlanning>();
        services.AddSingleton<RestoreApplying>();
        services.AddSingleton<RestoreUndoing>();
        services.AddSingleton<RestoreWorker>();
        services.AddSingleton<ExportFiles>();
        services.AddSingleton<ExportArchive>();
        services.AddSingleton<ExportContents>();
        services.AddSingleton<ExportMasks>();
        services.AddSingleton<ExportPlanStore>();
        services.AddSingleton<ExportScheduler>();
        services.AddSingleton<ExportDelivering>();
        services.TryAddSingleton<IExportDestinations, ExportDestinations>();
        services.TryAddSingleton<Notifications>();
        services.TryAddSingleton<IFieldClasses, DeclaredFieldClasses>();
        services.TryAddSingleton(new ExportOptions());
        services.TryAddSingleton<AccountEnvelope>();
        services.AddSingleton<ExportLinks>();
        services.AddSingleton<ExportWorker>();
    }

    private static void AddUseCases(IServiceCollection services)
    {
        services.AddSingleton<SourceStreams>();
        services.AddSingleton<SnapshotAccess>();
        services.AddSingleton<CreateSource>();
        services.AddSingleton<UpdateSource>();
        services.AddSingleton<GetSource>();
        services.AddSingleton<ListSources>();
        services.AddSingleton<DeleteSource>();
        services.AddSingleton<ListSourceStreams>();
        services.AddSingleton<SyncSource>();
        services.AddSingleton<ListRuns>();
        services.AddSingleton<GetRun>();
        services.AddSingleton<WatchRun>();
        services.AddSingleton<GetRunLogs>();
        services.AddSingleton<CancelRun>();
        services.AddSingleton<RetryRun>();
        services.AddSingleton<ListSnapshots>();
        services.AddSingleton<GetSnapshot>();
        services.AddSingleton<GetQuarantine>();
        services.AddSingleton<ReviewQuarantine>();
        services.AddSingleton<SnapshotHolds>();
        services.AddSingleton<ProveRecord>();
        services.AddSingleton<GetSchemaDrift>();
        services.AddSingleton<DrillSource>();
        services.AddSingleton<ListRecords>();
        services.AddSingleton<GetRecord>();
        services.AddSingleton<GetRecordHistory>();
        services.AddSingleton<ListDeletedRecords>();
        services.AddSingleton<CompareSnapshots>();
        services.AddSingleton<ListDifferences>();
        services.AddSingleton<GetObservedSchema>();
        services.AddSingleton<SearchRecords>();
        services.AddSingleton<FleetReader>();
        services.AddSingleton<ListFleet>();
        services.AddSingleton<GetFleetSummary>();
        services.AddSingleton<GetEvidenceReport>();
        services.AddSingleton<FindSubject>();
        services.AddSingleton<ReportSubject>();
        services.AddSingleton<PlanErasure>();
        services.AddSingleton<EraseSubject>();
        services.AddSingleton<ListErasures>();
        services.AddSingleton<GetErasureReceipt>();
        services.AddSingleton<ListLegalHolds>();
        services.AddSingleton<PlaceLegalHold>();
        services.AddSingleton<ReleaseLegalHold>();
        services.AddSingleton<ListJobs>();
        services.AddSingleton<GetJob>();
        services.AddSingleton<CancelJob>();
        services.AddSingleton<VerifySource>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<StreamClassification>();
        services.AddSingleton<GetSourceUsage>();
        services.AddSingleton<PlanRestore>();
        services.AddSingleton<ListPlanItems>();
        services.AddSingleton<ApproveRestore>();
        services.AddSingleton<UndoRestore>();
        services.AddSingleton<CreateExport>();
        services.AddSingleton<ExportPlanRules>();
        services.AddSingleton<CreateExportPlan>();
        services.AddSingleton<ReplaceExportPlan>();
        services.AddSingleton<DeleteExportPlan>();
        services.AddSingleton<GetExportPlan>();
        services.AddSingleton<ListExportPlans>();
        services.AddSingleton<ListExportDeliveries>();
        services.AddSingleton<RunExportPlan>();
        services.AddSingleton<CreateExportLink>();
        services.AddSingleton<DownloadExport>();
    }
}
