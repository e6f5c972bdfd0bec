using System.Text.Json;
using ListBackup.Connections;
using ListBackup.Connectors;

namespace ListBackup.Platforms;

/// <summary>One line of the catalogue.</summary>
public sealed record PlatformSummary(string Id, string Title, string? Category, bool HasIcon, bool CanRestore, bool ByOAuth, int StreamCount);

/// <summary>All that is known of a platform before anybody connects.</summary>
public sealed record PlatformDetails
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public string? Category { get; init; }

    public string? DocsUrl { get; init; }

    public bool HasIcon { get; init; }

    public required string ConnectorVersion { get; init; }

    /// <summary>A JSON schema (draft 7) of what to fill in.</summary>
    public required JsonElement ConfigSchema { get; init; }

    /// <summary>Paths of fields that are stored encrypted and never shown again, with dots between the keys.</summary>
    public required IReadOnlyList<string> SecretFields { get; init; }

    /// <summary>Set when access is granted at the platform's own pages.</summary>
    public PlatformOAuth? OAuth { get; init; }

    public required IReadOnlyList<PlatformStream> Streams { get; init; }

    /// <summary>True: the platform tells of more streams once connected.</summary>
    public bool HasMoreStreams { get; init; }

    public required PlatformCapabilities Capabilities { get; init; }

    public required PlatformLimits Limits { get; init; }

    public static PlatformDetails Of(LoadedConnector loaded, string title, bool hasIcon)
    {
        var connector = loaded.Connector;
        var streams = connector.Streams.Select(stream => PlatformStream.Of(stream, loaded.Restore?.Streams.FirstOrDefault(s => s.Name == stream.Name))).ToList();
        return new()
        {
            Id = loaded.Platform,
            Title = title,
            Category = connector.Info.Category,
            DocsUrl = connector.Info.DocsUrl ?? connector.Spec.DocumentationUrl,
            HasIcon = hasIcon,
            ConnectorVersion = loaded.Version,
            ConfigSchema = connector.Spec.ConfigSchema,
            SecretFields = [.. connector.Spec.SecretFields.Select(path => path.ToString())],
            OAuth = connector.OAuth is { } oauth ? new(oauth.Scopes) : null,
            Streams = streams,
            HasMoreStreams = connector.HasDynamicStreams,
            Capabilities = new(
                Incremental: streams.Exists(s => s.Incremental), Restore: loaded.Restore is not null, Deletions: streams.Exists(s => s.Deletions != "full-read"),
                Totals: streams.Exists(s => s.TellsTotal)) { Webhooks = connector.Webhooks is not null },
            Limits = new(ConnectorLimits.PageBytesMax, ConnectorLimits.RetriesMax),
        };
    }
}

public sealed record PlatformOAuth(IReadOnlyList<string> Scopes);

public sealed record PlatformCapabilities(bool Incremental, bool Restore, bool Deletions, bool Totals)
{
    /// <summary>The platform can call when something changed, so that it is backed up within minutes.</summary>
    public bool Webhooks { get; init; }
}

/// <summary>What the engine holds to for every platform.</summary>
public sealed record PlatformLimits(int PageBytesMax, int RetriesMax);

internal static class ConnectorLimits
{
    public static int PageBytesMax { get; } = new Connectors.Requests.HttpLimits().AnswerBytesMax;

    // The engine's own default; see ConnectorPorts.RetriesMax.
    public const int RetriesMax = 10;
}

/// <summary>One kind of record of a platform.</summary>
public sealed record PlatformStream
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required IReadOnlyList<string> PrimaryKey { get; init; }

    public string? CursorField { get; init; }

    public required bool Incremental { get; init; }

    public required IReadOnlyList<string> Parents { get; init; }

    /// <summary>How deletions are noticed: full-read, field, stream, id-sweep, webhook or never.</summary>
    public required string Deletions { get; init; }

    public required bool TellsTotal { get; init; }

    public required IReadOnlyList<string> PersonalFields { get; init; }

    public required IReadOnlyList<string> ConsentFields { get; init; }

    /// <summary>Null: records of this stream cannot be written back.</summary>
    public StreamRestore? Restore { get; init; }

    public static PlatformStream Of(StreamInfo stream, Connectors.Restoring.RestoreStreamInfo? restore) => new()
    {
        Name = stream.Name,
        Title = stream.Extensions.Title ?? stream.Name,
        PrimaryKey = [.. stream.PrimaryKey.Select(path => path.ToString())],
        CursorField = stream.CursorField?.ToString(),
        Incremental = stream.SyncModes.HasFlag(SyncModes.Incremental),
        Parents = stream.Parents,
        Deletions = stream.Extensions.Deletes.Kind switch
        {
            DeleteDetectionKind.FullRead => "full-read",
            DeleteDetectionKind.IdSweep => "id-sweep",
            var kind => kind.ToString().ToLowerInvariant(),
        },
        TellsTotal = stream.Extensions.TellsTotal,
        PersonalFields = FieldsOf(stream, PrivacyClass.Personal),
        ConsentFields = FieldsOf(stream, PrivacyClass.Consent),
        Restore = restore is null ? null : new(restore.CanCreate, restore.CanUpdate, restore.CanUpsert, restore.CanDelete, restore.Warning),
    };

    private static List<string> FieldsOf(StreamInfo stream, PrivacyClass privacy) =>
        [.. stream.Extensions.Classes.Where(field => field.Class == privacy).Select(field => field.Field.ToString())];
}

public sealed record StreamRestore(bool Create, bool Update, bool Upsert, bool Delete, string? Warning);
