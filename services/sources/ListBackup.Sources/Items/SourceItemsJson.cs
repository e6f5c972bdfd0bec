using System.Text.Json.Serialization;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Bodies of the items of the sources table and of the messages on its queues.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Source))]
[JsonSerializable(typeof(Run))]
[JsonSerializable(typeof(RunPart))]
[JsonSerializable(typeof(SourceSnapshot))]
[JsonSerializable(typeof(StreamHistory))]
[JsonSerializable(typeof(SourceMaintenance))]
[JsonSerializable(typeof(AttachmentCollection))]
[JsonSerializable(typeof(MaintenanceMessage))]
[JsonSerializable(typeof(PlanMessage))]
[JsonSerializable(typeof(SyncMessage))]
[JsonSerializable(typeof(CommitMessage))]
[JsonSerializable(typeof(Places))]
[JsonSerializable(typeof(ReadPosition))]
[JsonSerializable(typeof(JobMessage))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(PlanItem))]
[JsonSerializable(typeof(NewId))]
[JsonSerializable(typeof(MaskSecret))]
[JsonSerializable(typeof(FieldOverrides))]
[JsonSerializable(typeof(ExportPlan))]
[JsonSerializable(typeof(ExportDelivery))]
[JsonSerializable(typeof(ExportManifest))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
public sealed partial class SourceItemsJson : JsonSerializerContext;
