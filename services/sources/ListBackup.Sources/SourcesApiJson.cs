using System.Text.Json.Serialization;
using ListBackup.Functions;

namespace ListBackup.Sources;

/// <summary>Requests and answers of this service.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateSourceRequest))]
[JsonSerializable(typeof(UpdateSourceRequest))]
[JsonSerializable(typeof(SyncSourceRequest))]
[JsonSerializable(typeof(SourceView))]
[JsonSerializable(typeof(Page<SourceView>))]
[JsonSerializable(typeof(Page<SourceStreamView>))]
[JsonSerializable(typeof(RunView))]
// For the OpenAPI document: an event of the stream.
[JsonSerializable(typeof(System.Net.ServerSentEvents.SseItem<RunView>))]
[JsonSerializable(typeof(Page<RunView>))]
[JsonSerializable(typeof(Page<RunLogLine>))]
[JsonSerializable(typeof(Page<SnapshotSummaryView>))]
[JsonSerializable(typeof(SnapshotView))]
[JsonSerializable(typeof(RecordPageView))]
[JsonSerializable(typeof(RecordView))]
[JsonSerializable(typeof(Page<RecordVersionView>))]
[JsonSerializable(typeof(Page<DeletedRecordView>))]
[JsonSerializable(typeof(Page<StreamDifferenceView>))]
[JsonSerializable(typeof(Page<RecordDifferenceView>))]
[JsonSerializable(typeof(SchemaView))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(Page<JobView>))]
[JsonSerializable(typeof(VerifySourceRequest))]
[JsonSerializable(typeof(PlanRestoreRequest))]
[JsonSerializable(typeof(Page<PlanItem>))]
[JsonSerializable(typeof(CreateExportRequest))]
[JsonSerializable(typeof(ExportLinkView))]
public sealed partial class SourcesApiJson : JsonSerializerContext;
