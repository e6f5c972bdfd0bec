using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace ListBackup.Sources;

/// <summary>The service's table of contents: route, use case, permission.</summary>
public static class SourceEndpoints
{
    public static IEndpointRouteBuilder MapSourceEndpoints(this IEndpointRouteBuilder app)
    {
        var account = app.MapGroup("/v1/accounts/{accountId}").WithTags("Sources");
        MapSources(account);
        MapDeadLetters(account.MapGroup("/dead-letters").WithTags("Dead letters"));
        MapRuns(account.MapGroup("/sources/{sourceId}").WithTags("Runs"));
        MapSnapshots(account.MapGroup("/sources/{sourceId}").WithTags("Snapshots"));
        MapHolds(account.MapGroup("/sources/{sourceId}").WithTags("Snapshots"));
        MapRecords(account.MapGroup("/sources/{sourceId}").WithTags("Records"));
        MapJobs(account.MapGroup("/sources/{sourceId}").WithTags("Jobs"));
        MapRestores(account.MapGroup("/sources/{sourceId}").WithTags("Restores"));
        MapExports(account.MapGroup("/sources/{sourceId}").WithTags("Exports"));
        MapFleet(account.MapGroup("/fleet").WithTags("Fleet"));
        MapPrivacy(account.MapGroup("/privacy").WithTags("Privacy"));
        MapExportPlans(account.MapGroup("/sources/{sourceId}/export-plans").WithTags("Exports"));
        return app;
    }

    private static void MapSources(RouteGroupBuilder api)
    {
        api.MapPost("/sources", (AccountId accountId, CreateSourceRequest request, HttpContext http, [FromServices] CreateSource useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, request, cancellation)).Requires(Permission.SourcesManage).WithName("createSource").WithSummary("Makes a source: a platform's data, backed up on a schedule");
        api.MapGet("/sources", (AccountId accountId, int? limit, string? cursor, string? tag, string? group, HttpContext http, [FromServices] ListSources useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, limit, cursor, tag, group, cancellation)).Requires(Permission.SourcesRead).WithName("listSources").WithSummary("The account's sources");
        api.MapGet("/sources/{sourceId}", (AccountId accountId, SourceId sourceId, HttpContext http, [FromServices] GetSource useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, cancellation)).Requires(Permission.SourcesRead).WithName("getSource").WithSummary("One source, with its last run and its next");
        api.MapPatch("/sources/{sourceId}", (AccountId accountId, SourceId sourceId, UpdateSourceRequest request, HttpContext http, [FromServices] UpdateSource useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, request, cancellation)).Requires(Permission.SourcesManage).WithName("updateSource").WithSummary("Changes a source's name, schedule, streams, retention or tags");
        api.MapDelete("/sources/{sourceId}", (AccountId accountId, SourceId sourceId, HttpContext http, [FromServices] DeleteSource useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, cancellation)).Requires(Permission.SourcesManage).WithName("deleteSource").WithSummary("Deletes a source; its vault stays until its retention ends");
        api.MapGet("/sources/{sourceId}/usage", (AccountId accountId, SourceId sourceId, HttpContext http, [FromServices] GetSourceUsage useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, cancellation)).Requires(Permission.UsageRead).WithName("getSourceUsage").WithSummary("What a source's runs used, by month");
        api.MapGet("/sources/{sourceId}/streams", (AccountId accountId, SourceId sourceId, HttpContext http, [FromServices] ListSourceStreams useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, cancellation)).Requires(Permission.SourcesRead).WithName("listSourceStreams").WithSummary("The streams that the platform offers, and which are backed up");
    }

    private static void MapDeadLetters(RouteGroupBuilder letters)
    {
        letters.MapGet("/{queue}", (AccountId accountId, string queue, int? limit, string? cursor, HttpContext http, [FromServices] DeadLetters useCase, CancellationToken cancellation) =>
            useCase.ListAsync(http, queue, limit, cursor, cancellation)).Requires(Permission.SourcesRun).WithName("listDeadLetters").WithSummary("Messages that were given up, of one queue");
        letters.MapPost("/{queue}/{letter}/replay", (AccountId accountId, string queue, string letter, HttpContext http, [FromServices] DeadLetters useCase, CancellationToken cancellation) =>
            useCase.ReplayAsync(http, queue, letter, cancellation)).Requires(Permission.SourcesManage).WithName("replayDeadLetter").WithSummary("Puts a given-up message back into its queue");
        letters.MapDelete("/{queue}/{letter}", (AccountId accountId, string queue, string letter, HttpContext http, [FromServices] DeadLetters useCase, CancellationToken cancellation) =>
            useCase.DiscardAsync(http, queue, letter, cancellation)).Requires(Permission.SourcesManage).WithName("discardDeadLetter").WithSummary("Drops a given-up message");
    }

    private static void MapRuns(RouteGroupBuilder source)
    {
        source.MapPost("/sync", (AccountId accountId, SourceId sourceId, SyncSourceRequest? request, HttpContext http, [FromServices] SyncSource useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, request, cancellation)).Requires(Permission.SourcesRun).WithName("syncSource").WithSummary("Starts a run now");
        source.MapGet("/runs", (AccountId accountId, SourceId sourceId, int? limit, string? cursor, HttpContext http, [FromServices] ListRuns useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, limit, cursor, cancellation)).Requires(Permission.SourcesRead).WithName("listRuns").WithSummary("A source's runs, newest first");
        source.MapGet("/runs/{runId}", (AccountId accountId, SourceId sourceId, RunId runId, HttpContext http, [FromServices] GetRun useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, runId, cancellation)).Requires(Permission.SourcesRead).WithName("getRun").WithSummary("One run: state, progress, coverage and what is wrong");
        source.MapGet("/runs/{runId}/events", (AccountId accountId, SourceId sourceId, RunId runId, HttpContext http, [FromServices] WatchRun useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, runId, cancellation)).Requires(Permission.SourcesRead).WithName("watchRun").WithSummary("A run's progress as server-sent events");
        source.MapGet("/runs/{runId}/logs", (AccountId accountId, SourceId sourceId, RunId runId, HttpContext http, [FromServices] GetRunLogs useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, runId, cancellation)).Requires(Permission.SourcesRead).WithName("getRunLogs").WithSummary("A run's log");
        source.MapPost("/runs/{runId}/cancel", (AccountId accountId, SourceId sourceId, RunId runId, HttpContext http, [FromServices] CancelRun useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, runId, cancellation)).Requires(Permission.SourcesRun).WithName("cancelRun").WithSummary("Stops a run; what it has read is kept in a draft");
        source.MapPost("/runs/{runId}/retry", (AccountId accountId, SourceId sourceId, RunId runId, HttpContext http, [FromServices] RetryRun useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, runId, cancellation)).Requires(Permission.SourcesRun).WithName("retryRun").WithSummary("Starts a run again that did not succeed");
    }

    private static void MapSnapshots(RouteGroupBuilder source)
    {
        source.MapGet("/snapshots", (AccountId accountId, SourceId sourceId, DateTimeOffset? from, DateTimeOffset? to, int? limit, string? cursor, HttpContext http, [FromServices] ListSnapshots useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, from, to, limit, cursor, cancellation)).Requires(Permission.CertificatesRead).WithName("listSnapshots").WithSummary("A source's recovery points, newest first");
        source.MapGet("/snapshots/{seq:long:min(1)}", (AccountId accountId, SourceId sourceId, long seq, HttpContext http, [FromServices] GetSnapshot useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, seq, cancellation)).Requires(Permission.CertificatesRead).WithName("getSnapshot").WithSummary("One recovery point, with the coverage certificate of each stream");
    }

    private static void MapHolds(RouteGroupBuilder source)
    {
        source.MapGet("/quarantine", (AccountId accountId, SourceId sourceId, HttpContext http, [FromServices] GetQuarantine useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, cancellation)).Requires(Permission.CertificatesRead).WithName("getQuarantine").WithSummary("What is held back for review, and why");
        source.MapPost("/quarantine/accept", (AccountId accountId, SourceId sourceId, ReviewQuarantineRequest request, HttpContext http, [FromServices] ReviewQuarantine useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, QuarantineState.Accepted, request, cancellation)).Requires(Permission.SnapshotsManage).WithName("acceptQuarantine").WithSummary("Says that the suspicious change was meant");
        source.MapPost("/quarantine/keep", (AccountId accountId, SourceId sourceId, ReviewQuarantineRequest request, HttpContext http, [FromServices] ReviewQuarantine useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, QuarantineState.Kept, request, cancellation)).Requires(Permission.SnapshotsManage).WithName("keepBeforeQuarantine").WithSummary("Keeps the recovery point before the suspicious change");
        source.MapGet("/holds", (AccountId accountId, SourceId sourceId, HttpContext http, [FromServices] SnapshotHolds useCase, CancellationToken cancellation) =>
            useCase.ListAsync(http, sourceId, cancellation)).Requires(Permission.CertificatesRead).WithName("listHolds").WithSummary("Holds on a source: what no retention may remove");
        source.MapPut("/holds/{name}", (AccountId accountId, SourceId sourceId, string name, PutHoldRequest request, HttpContext http, [FromServices] SnapshotHolds useCase, CancellationToken cancellation) =>
            useCase.PutAsync(http, sourceId, name, request, cancellation)).Requires(Permission.SnapshotsManage).WithName("putHold").WithSummary("Places a hold");
        source.MapDelete("/holds/{name}", (AccountId accountId, SourceId sourceId, string name, HttpContext http, [FromServices] SnapshotHolds useCase, CancellationToken cancellation) =>
            useCase.ReleaseAsync(http, sourceId, name, cancellation)).Requires(Permission.SnapshotsManage).WithName("releaseHold").WithSummary("Releases a hold");
        source.MapPut("/snapshots/{seq:long:min(1)}/pin", (AccountId accountId, SourceId sourceId, long seq, HttpContext http, [FromServices] SnapshotHolds useCase, CancellationToken cancellation) =>
            useCase.PinAsync(http, sourceId, seq, cancellation)).Requires(Permission.SnapshotsManage).WithName("pinSnapshot").WithSummary("Keeps a recovery point whatever the retention says");
        source.MapDelete("/snapshots/{seq:long:min(1)}/pin", (AccountId accountId, SourceId sourceId, long seq, HttpContext http, [FromServices] SnapshotHolds useCase, CancellationToken cancellation) =>
            useCase.UnpinAsync(http, sourceId, seq, cancellation)).Requires(Permission.SnapshotsManage).WithName("unpinSnapshot").WithSummary("Lets the retention decide about a recovery point again");
        source.MapPost("/snapshots/{seq:long:min(1)}/proof", (AccountId accountId, SourceId sourceId, long seq, ProveRecordRequest request, HttpContext http, [FromServices] ProveRecord useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, seq, request, cancellation)).Requires(Permission.RecordsRead).AnswersSecret().WithName("proveRecord").WithSummary("A bundle that proves, offline, what a record was at a recovery point");
    }

    private static void MapRecords(RouteGroupBuilder source)
    {
        source.MapGet("/streams/{stream}/classification", (AccountId accountId, SourceId sourceId, string stream, HttpContext http, [FromServices] StreamClassification useCase, CancellationToken cancellation) =>
            useCase.GetAsync(http, sourceId, stream, cancellation)).Requires(Permission.SnapshotsRead).WithName("getClassification").WithSummary("What a stream's fields are taken for: personal, sensitive, consent, and why");
        source.MapPut("/streams/{stream}/classification", (AccountId accountId, SourceId sourceId, string stream, ClassificationRequest request, HttpContext http, [FromServices] StreamClassification useCase, CancellationToken cancellation) =>
            useCase.PutAsync(http, sourceId, stream, request, cancellation)).Requires(Permission.SourcesManage).WithName("putClassification").WithSummary("Decides what fields of a stream are, whatever rules say");
        source.MapGet("/streams/{stream}/drift", (AccountId accountId, SourceId sourceId, string stream, long from, long to, string? basis, HttpContext http, [FromServices] GetSchemaDrift useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, stream, from, to, basis, cancellation)).Requires(Permission.SnapshotsRead).WithName("getSchemaDrift").WithSummary("How a stream's fields have changed between two recovery points");
        source.MapGet("/snapshots/{seq:long:min(1)}/streams/{stream}/records", (AccountId accountId, SourceId sourceId, long seq, string stream, string? q, [FromQuery] string[]? filter, int? limit, string? cursor, HttpContext http, [FromServices] ListRecords useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, seq, stream, q, filter, limit, cursor, cancellation)).Requires(Permission.RecordsRead).WithName("listRecords").WithSummary("A stream's records at a recovery point, filtered and in pages");
        source.MapGet("/snapshots/{seq:long:min(1)}/streams/{stream}/record", (AccountId accountId, SourceId sourceId, long seq, string stream, string key, HttpContext http, [FromServices] GetRecord useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, seq, stream, key, cancellation)).Requires(Permission.RecordsRead).WithName("getRecord").WithSummary("One record at a recovery point");
        source.MapGet("/snapshots/{seq:long:min(1)}/streams/{stream}/deleted", (AccountId accountId, SourceId sourceId, long seq, string stream, int? limit, string? cursor, HttpContext http, [FromServices] ListDeletedRecords useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, seq, stream, limit, cursor, cancellation)).Requires(Permission.RecordsRead).WithName("listDeletedRecords").WithSummary("Records that were there before, and are not at this recovery point");
        source.MapGet("/snapshots/{seq:long:min(1)}/streams/{stream}/schema", (AccountId accountId, SourceId sourceId, long seq, string stream, HttpContext http, [FromServices] GetObservedSchema useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, seq, stream, cancellation)).Requires(Permission.SnapshotsRead).WithName("getObservedSchema").WithSummary("The fields that a stream's records have, with types and fill");
        source.MapGet("/snapshots/{seq:long:min(1)}/search", (AccountId accountId, SourceId sourceId, long seq, string q, string? stream, string? scope, int? limit, string? cursor, HttpContext http, [FromServices] SearchRecords useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, seq, q, stream, scope, limit, cursor, cancellation)).Requires(Permission.RecordsRead).WithName("searchRecords").WithSummary("Records that hold the words, at a recovery point");
        source.MapGet("/streams/{stream}/history", (AccountId accountId, SourceId sourceId, string stream, string key, HttpContext http, [FromServices] GetRecordHistory useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, stream, key, cancellation)).Requires(Permission.RecordsRead).WithName("getRecordHistory").WithSummary("All versions of one record");
        source.MapGet("/diff", (AccountId accountId, SourceId sourceId, long from, long to, HttpContext http, [FromServices] CompareSnapshots useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, from, to, cancellation)).Requires(Permission.SnapshotsRead).WithName("compareSnapshots").WithSummary("Counts of what differs between two recovery points, per stream");
        source.MapGet("/diff/{stream}", (AccountId accountId, SourceId sourceId, string stream, long from, long to, int? limit, string? cursor, HttpContext http, [FromServices] ListDifferences useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, stream, from, to, limit, cursor, cancellation)).Requires(Permission.RecordsRead).WithName("listDifferences").WithSummary("Which records of a stream differ between two recovery points, and in which fields");
    }

    private static void MapJobs(RouteGroupBuilder source)
    {
        source.MapGet("/jobs", (AccountId accountId, SourceId sourceId, int? limit, string? cursor, HttpContext http, [FromServices] ListJobs useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, limit, cursor, cancellation)).Requires(Permission.RestoresRead).WithName("listJobs").WithSummary("Verifications, restores, exports and drills of a source, newest first");
        source.MapGet("/jobs/{jobId}", (AccountId accountId, SourceId sourceId, JobId jobId, HttpContext http, [FromServices] GetJob useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, jobId, cancellation)).Requires(Permission.RestoresRead).WithName("getJob").WithSummary("One job: state, progress and result");
        source.MapPost("/jobs/{jobId}/cancel", (AccountId accountId, SourceId sourceId, JobId jobId, HttpContext http, [FromServices] CancelJob useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, jobId, cancellation)).Requires(Permission.SourcesRun).WithName("cancelJob").WithSummary("Stops a job");
        source.MapPost("/verify", (AccountId accountId, SourceId sourceId, VerifySourceRequest? request, HttpContext http, [FromServices] VerifySource useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, request, cancellation)).Requires(Permission.SourcesRun).WithName("verifySource").WithSummary("Reads and checks the vault of a source");
        source.MapPost("/drill", (AccountId accountId, SourceId sourceId, DrillSourceRequest? request, HttpContext http, [FromServices] DrillSource useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, request, cancellation)).Requires(Permission.SourcesRun).WithName("drillSource").WithSummary("Restores a random sample into nothing, and compares it: proof that a restore would work");
    }

    private static void MapRestores(RouteGroupBuilder source)
    {
        source.MapPost("/restores", (AccountId accountId, SourceId sourceId, PlanRestoreRequest request, HttpContext http, [FromServices] PlanRestore useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, request, cancellation)).Requires(Permission.RestoresPlan).WithName("planRestore").WithSummary("Plans a restore: what would be written where, and what not, and why");
        source.MapGet("/restores/{jobId}/items", (AccountId accountId, SourceId sourceId, JobId jobId, int? limit, string? cursor, HttpContext http, [FromServices] ListPlanItems useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, jobId, limit, cursor, cancellation)).Requires(Permission.RestoresRead).WithName("listPlanItems").WithSummary("A restore plan's items, with what became of each");
        source.MapPost("/restores/{jobId}/approve", (AccountId accountId, SourceId sourceId, JobId jobId, HttpContext http, [FromServices] ApproveRestore useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, jobId, cancellation)).Requires(Permission.RestoresApprove).WithName("approveRestore").WithSummary("Lets a planned restore begin");
        source.MapPost("/restores/{jobId}/undo", (AccountId accountId, SourceId sourceId, JobId jobId, HttpContext http, [FromServices] UndoRestore useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, jobId, cancellation)).Requires(Permission.RestoresApprove).WithName("undoRestore").WithSummary("Takes back what a restore has written");
    }

    private static void MapExports(RouteGroupBuilder source)
    {
        // Of these, an export without a mask asks for ExportsCreate in its use case.
        source.MapPost("/exports", (AccountId accountId, SourceId sourceId, CreateExportRequest request, HttpContext http, [FromServices] CreateExport useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, request, cancellation)).Requires(Permission.ExportsCreateMasked).WithName("createExport").WithSummary("Writes records to a file");
        source.MapPost("/exports/{jobId}/files/{file}/link", (AccountId accountId, SourceId sourceId, JobId jobId, string file, HttpContext http, [FromServices] CreateExportLink useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, jobId, file, cancellation)).Requires(Permission.ExportsCreateMasked).AnswersSecret().WithName("createExportLink").WithSummary("A link to a file of an export that works for a while without a login");
        // The signature in the link is the permission: a browser loads it without a token.
        source.MapGet("/exports/{jobId}/files/{file}", (AccountId accountId, SourceId sourceId, JobId jobId, string file, string? expires, string? key, string? signature, HttpContext http, [FromServices] DownloadExport useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, accountId, sourceId, jobId, file, expires, key, signature, cancellation)).AllowsAnybody().WithName("downloadExport").WithSummary("A file of an export");
    }

    private static void MapFleet(RouteGroupBuilder fleet)
    {
        fleet.MapGet("/sources", (AccountId accountId, int? withinHours, bool? unproven, int? limit, string? cursor, HttpContext http, [FromServices] ListFleet useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, withinHours, unproven, limit, cursor, cancellation)).Requires(Permission.CertificatesRead).WithName("listFleet").WithSummary("The sources of an account and of all accounts under it");
        fleet.MapGet("/summary", (AccountId accountId, int? withinHours, HttpContext http, [FromServices] GetFleetSummary useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, withinHours, cancellation)).Requires(Permission.CertificatesRead).WithName("getFleetSummary").WithSummary("How many sources under an account are proven, partial, failing or late");
        fleet.MapGet("/report", (AccountId accountId, int? withinHours, string? format, HttpContext http, [FromServices] GetEvidenceReport useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, withinHours, format, cancellation)).Requires(Permission.CertificatesRead).Produces<string>(StatusCodes.Status200OK, "text/html", "application/pdf").WithName("getEvidenceReport").WithSummary("A report of what was backed up and proven in a period");
    }

    private static void MapPrivacy(RouteGroupBuilder privacy)
    {
        // A search is a POST: what people are known by has no place in the addresses that logs and proxies keep.
        privacy.MapPost("/search", (AccountId accountId, FindSubjectRequest request, HttpContext http, [FromServices] FindSubject useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, request, cancellation)).Requires(Permission.PrivacyRead).AnswersSecret().WithName("findSubject").WithSummary("Where a person's data lies, across the account's sources");
        privacy.MapPost("/report", (AccountId accountId, ReportSubjectRequest request, HttpContext http, [FromServices] ReportSubject useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, request, cancellation)).Requires(Permission.PrivacyRead).AnswersSecret().Produces<string>(StatusCodes.Status200OK, "application/x-ndjson").WithName("reportSubject").WithSummary("Everything that the account's backups hold of a person");
        privacy.MapPost("/erasures/plan", (AccountId accountId, EraseSubjectRequest request, HttpContext http, [FromServices] PlanErasure useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, request, cancellation)).Requires(Permission.PrivacyRead).WithName("planErasure").WithSummary("What an erasure of a person would remove, and what forbids it");
        privacy.MapPost("/erasures", (AccountId accountId, EraseSubjectRequest request, HttpContext http, [FromServices] EraseSubject useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, request, cancellation)).Requires(Permission.PrivacyErase).WithName("eraseSubject").WithSummary("Erases a person from the account's backups");
        privacy.MapGet("/erasures", (AccountId accountId, HttpContext http, [FromServices] ListErasures useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, cancellation)).Requires(Permission.PrivacyRead).WithName("listErasures").WithSummary("Erasures, newest first");
        privacy.MapGet("/erasures/{id}/receipt", (AccountId accountId, string id, HttpContext http, [FromServices] GetErasureReceipt useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, id, cancellation)).Requires(Permission.PrivacyRead).Produces<string>(StatusCodes.Status200OK, "text/plain").WithName("getErasureReceipt").WithSummary("The signed receipt of an erasure");
        privacy.MapGet("/holds", (AccountId accountId, HttpContext http, [FromServices] ListLegalHolds useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, cancellation)).Requires(Permission.PrivacyRead).WithName("listLegalHolds").WithSummary("Legal holds on persons");
        privacy.MapPut("/holds/{name}", (AccountId accountId, string name, PlaceLegalHoldRequest request, HttpContext http, [FromServices] PlaceLegalHold useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, name, request, cancellation)).Requires(Permission.PrivacyErase).WithName("placeLegalHold").WithSummary("Places a legal hold on a person: no erasure while it stands");
        privacy.MapDelete("/holds/{name}", (AccountId accountId, string name, string reason, HttpContext http, [FromServices] ReleaseLegalHold useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, name, reason, cancellation)).Requires(Permission.PrivacyErase).WithName("releaseLegalHold").WithSummary("Releases a legal hold on a person");
    }

    private static void MapExportPlans(RouteGroupBuilder plans)
    {
        plans.MapPost("", (AccountId accountId, SourceId sourceId, ExportPlanRequest request, HttpContext http, [FromServices] CreateExportPlan useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, request, cancellation)).Requires(Permission.SourcesManage).WithName("createExportPlan").WithSummary("Plans an export that recurs, into a bucket or folder of the customer's");
        plans.MapGet("", (AccountId accountId, SourceId sourceId, HttpContext http, [FromServices] ListExportPlans useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, cancellation)).Requires(Permission.RestoresRead).WithName("listExportPlans").WithSummary("A source's planned exports");
        plans.MapGet("/{planId}", (AccountId accountId, SourceId sourceId, ExportPlanId planId, HttpContext http, [FromServices] GetExportPlan useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, planId, cancellation)).Requires(Permission.RestoresRead).WithName("getExportPlan").WithSummary("One planned export");
        plans.MapPut("/{planId}", (AccountId accountId, SourceId sourceId, ExportPlanId planId, ExportPlanRequest request, HttpContext http, [FromServices] ReplaceExportPlan useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, planId, request, cancellation)).Requires(Permission.SourcesManage).WithName("replaceExportPlan").WithSummary("Replaces a planned export");
        plans.MapDelete("/{planId}", (AccountId accountId, SourceId sourceId, ExportPlanId planId, HttpContext http, [FromServices] DeleteExportPlan useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, planId, cancellation)).Requires(Permission.SourcesManage).WithName("deleteExportPlan").WithSummary("Ends a planned export; what was delivered stays");
        plans.MapGet("/{planId}/deliveries", (AccountId accountId, SourceId sourceId, ExportPlanId planId, int? limit, string? cursor, HttpContext http, [FromServices] ListExportDeliveries useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, planId, limit, cursor, cancellation)).Requires(Permission.RestoresRead).WithName("listExportDeliveries").WithSummary("What a planned export has delivered, newest first");
        plans.MapPost("/{planId}/run", (AccountId accountId, SourceId sourceId, ExportPlanId planId, HttpContext http, [FromServices] RunExportPlan useCase, CancellationToken cancellation) =>
            useCase.RunAsync(http, sourceId, planId, cancellation)).Requires(Permission.ExportsCreateMasked).WithName("runExportPlan").WithSummary("Runs a planned export now");
    }
}
