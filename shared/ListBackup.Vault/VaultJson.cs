using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>JSON of the public values, for queues, items and APIs. Camel case, enums as text.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StreamOutcome))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(ObservedSchema))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(DrillReport))]
[JsonSerializable(typeof(VaultStats))]
[JsonSerializable(typeof(DifferenceSummary))]
[JsonSerializable(typeof(ErasurePlan))]
[JsonSerializable(typeof(ErasureReceipt))]
[JsonSerializable(typeof(LegalHold))]
[JsonSerializable(typeof(RecordAddress))]
[JsonSerializable(typeof(SchemaDrift))]
[JsonSerializable(typeof(SearchIndexReport))]
[JsonSerializable(typeof(CompactionReport))]
[JsonSerializable(typeof(GarbageReport))]
[JsonSerializable(typeof(AttachmentGarbageReport))]
[JsonSerializable(typeof(RetentionPreview))]
[JsonSerializable(typeof(RetentionReport))]
public sealed partial class VaultJson : JsonSerializerContext;
