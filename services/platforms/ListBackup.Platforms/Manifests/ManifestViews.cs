using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>A manifest in the connector language, as YAML text.</summary>
public sealed record ManifestText(string Manifest);

public sealed record NewManifest(string Name, string Manifest);

/// <summary>Whether a manifest can be used; what is wrong with it otherwise, and what it would give.</summary>
public sealed record ManifestVerdict(bool Valid, IReadOnlyList<ManifestFault> Problems, IReadOnlyList<ManifestFault> Warnings, IReadOnlyList<string> Streams);

/// <summary>One thing that is wrong. Kind: invalid, not-supported-yet, or needs-code.</summary>
public sealed record ManifestFault(string Path, string? Component, string Reason, string Kind);

/// <summary>A manifest of this account. Its id is used as the platform of a connection.</summary>
public sealed record ManifestView(ManifestId Id, string Name, string Version, DateTimeOffset CreatedAt, UserId CreatedBy)
{
    public static ManifestView Of(CustomerManifest manifest) => new(manifest.Id, manifest.Name, manifest.Version, manifest.CreatedAt, manifest.CreatedBy);
}

public sealed record ManifestDetails(ManifestView Manifest, PlatformDetails Platform, string Text);
