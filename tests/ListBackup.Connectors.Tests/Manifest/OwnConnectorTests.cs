using CsCheck;
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
        var connector = Connector.LoadFile(Path.Combine(folder, "manifest.yaml"), new LoadOptions { Strict = true });

        connector.Info.Title.ShouldNotBeNullOrEmpty();
        connector.Info.Category.ShouldNotBeNullOrEmpty();
        connector.Streams.ShouldAllBe(stream => stream.PrimaryKey.Count > 0, "a record without a key cannot be followed from snapshot to snapshot");
        if (File.Exists(Path.Combine(folder, "restore.yaml")))
            RestoreManifest.LoadFile(Path.Combine(folder, "restore.yaml"), connector).Streams.ShouldNotBeEmpty();
    }

    [Fact]
    public void Any_damage_to_a_manifest_is_told_as_a_problem_of_the_manifest()
    {
        var connector = Connector.LoadFile(Path.Combine(Root(), "connectors", "demo", "manifest.yaml"));
        var restore = Path.Combine(Root(), "connectors", "demo", "restore.yaml");
        var files = new[] { Path.Combine(Root(), "connectors", "demo", "manifest.yaml"), Path.Combine(Root(), "connectors", "mailman3", "manifest.yaml"), restore };
        var texts = files.Select(File.ReadAllLines).ToArray();
        string[] values = ["", "[]", "{}", "[[]]", "null", "-1", "true", "'{{'", "'{{ config.x }}'", "'#/definitions'", "99999999999999999999", "x: y", "{ type: X }", "'('", "{ $ref: 1 }"];

        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 10_000], Gen.Int[0, values.Length - 1]).Sample(
            damage =>
            {
                var (file, line, value) = damage;
                var lines = (string[])texts[file].Clone();
                line %= lines.Length;
                var colon = lines[line].IndexOf(": ", StringComparison.Ordinal);
                lines[line] = colon < 0 ? values[value] : lines[line][..(colon + 2)] + values[value];
                try
                {
                    if (file == 2)
                        RestoreManifest.Load(string.Join('\n', lines), connector);
                    else
                        Connector.Load(string.Join('\n', lines));
                }
                catch (ManifestException)
                {
                    // Told. Any other exception fails the test.
                }
            },
            iter: 600);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ListBackup.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");

        return folder;
    }
}
