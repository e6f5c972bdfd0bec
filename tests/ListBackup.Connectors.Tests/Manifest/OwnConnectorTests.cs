using ListBackup.Connectors.Restoring;

namespace ListBackup.Connectors.Manifest;

public class OwnConnectorTests
{
    public static TheoryData<string> Folders => [.. Directory.EnumerateDirectories(Path.Combine(Root(), "connectors")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_connector_that_ships_loads_with_its_restore_and_is_told_to_people(string name)
    {
        var folder = Path.Combine(Root(), "connectors", name);
        var connector = Connector.LoadFile(Path.Combine(folder, "manifest.yaml"));

        connector.Info.Title.ShouldNotBeNullOrEmpty();
        connector.Info.Category.ShouldNotBeNullOrEmpty();
        connector.Streams.ShouldAllBe(stream => stream.PrimaryKey.Count > 0, "a record without a key cannot be followed from snapshot to snapshot");
        if (File.Exists(Path.Combine(folder, "restore.yaml")))
            RestoreManifest.LoadFile(Path.Combine(folder, "restore.yaml"), connector).Streams.ShouldNotBeEmpty();
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ListBackup.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");

        return folder;
    }
}
