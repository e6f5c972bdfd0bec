using System.Text.Json.Serialization;
using ListBackup.Functions;

namespace ListBackup.Platforms;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Page<PlatformSummary>))]
[JsonSerializable(typeof(PlatformDetails))]
[JsonSerializable(typeof(ManifestText))]
[JsonSerializable(typeof(NewManifest))]
[JsonSerializable(typeof(ManifestVerdict))]
[JsonSerializable(typeof(ManifestView))]
[JsonSerializable(typeof(ManifestDetails))]
[JsonSerializable(typeof(Page<ManifestView>))]
[JsonSerializable(typeof(NewConnection))]
[JsonSerializable(typeof(ConnectionChange))]
[JsonSerializable(typeof(ConnectionView))]
[JsonSerializable(typeof(Page<ConnectionView>))]
[JsonSerializable(typeof(ConnectionHealthView))]
[JsonSerializable(typeof(ConnectionScopes))]
[JsonSerializable(typeof(ConnectionTest))]
[JsonSerializable(typeof(Reconnection))]
[JsonSerializable(typeof(Reconnected))]
[JsonSerializable(typeof(OAuthStart))]
[JsonSerializable(typeof(ConnectionWebhookChange))]
[JsonSerializable(typeof(ConnectionWebhookView))]
public sealed partial class PlatformsJson : JsonSerializerContext;
