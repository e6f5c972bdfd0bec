using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ListBackup.Connectors;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Connections;

/// <summary>A connector that is ready for use. <see cref="Version"/> changes whenever its manifest does.</summary>
public sealed record LoadedConnector(string Platform, Connector Connector, string Version, RestoreManifest? Restore)
{
    /// <summary>The start of the text's SHA-256: as long as git's short names, for telling versions apart, not for security.</summary>
    public static string VersionOf(string manifest) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest)))[..12];
}

/// <summary>The connectors that come with the product: <c>connectors/{platform}/manifest.yaml</c>. Each is compiled on first use and then kept.</summary>
public sealed partial class ConnectorCatalogue(string folder)
{
    private const string ManifestName = "manifest.yaml";
    private const string RestoreName = "restore.yaml";
    private readonly ConcurrentDictionary<string, Lazy<LoadedConnector>> _loaded = new(StringComparer.Ordinal);

    /// <summary>Names of the platforms, in order.</summary>
    public IReadOnlyList<string> Platforms { get; } = !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateDirectories(folder)
            .Where(path => File.Exists(Path.Combine(path, ManifestName)))
            .Select(path => Path.GetFileName(path))
            .Where(name => PlatformName().IsMatch(name))
            .Order(StringComparer.Ordinal)];

    /// <summary>Null when there is no such platform.</summary>
    /// <exception cref="ManifestException">The manifest that came with the product cannot be used: a defect of this release, and of this platform only.</exception>
    public LoadedConnector? Find(string platform) => Platforms.Contains(platform, StringComparer.Ordinal)
        ? _loaded.GetOrAdd(platform, name => new(() => Load(name))).Value
        : null;

    /// <summary>The platform's icon, or null when it has none.</summary>
    public string? IconPath(string platform) =>
        Find(platform)?.Connector.Info.Icon is { } icon && Path.GetFileName(icon) == icon && Path.Combine(folder, platform, icon) is var path && File.Exists(path)
            ? path
            : null;

    private LoadedConnector Load(string platform)
    {
        var path = Path.Combine(folder, platform, ManifestName);
        var text = File.ReadAllText(path);
        var connector = Connector.Load(text, new() { Folder = Path.GetDirectoryName(path) });
        var restorePath = Path.Combine(folder, platform, RestoreName);
        return new(platform, connector, LoadedConnector.VersionOf(text), File.Exists(restorePath) ? RestoreManifest.LoadFile(restorePath, connector) : null);
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$", RegexOptions.None)]
    private static partial Regex PlatformName();
}
