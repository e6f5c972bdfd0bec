using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>One platform of the catalogue: what to fill in, what can be backed up, what can be written back.</summary>
public sealed class GetPlatform(ConnectorCatalogue catalogue)
{
    public PlatformDetails Run(string platform)
    {
        var loaded = catalogue.Find(platform) ?? throw Problem.NotFound($"The platform '{platform}'");
        return PlatformDetails.Of(loaded, loaded.Connector.Info.Title ?? platform, catalogue.IconPath(platform) is not null);
    }
}
