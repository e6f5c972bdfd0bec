using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

/// <summary>Every folder of connectors/ is complete: what the catalogue shows, what the engine needs, what a person reads.</summary>
public sealed class CatalogueTests
{
    private static readonly string Folder = Path.Combine(BuildOutput.Root, "connectors");

    public static TheoryData<string> Platforms => [.. Directory.EnumerateDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Platforms))]
    public void A_connector_has_its_files(string platform)
    {
        var missing = new[] { "manifest.yaml", "icon.svg", "README.md" }.Where(file => !File.Exists(Path.Combine(Folder, platform, file)));

        missing.ShouldBeEmpty();
        File.Exists(DocsOf(platform)).ShouldBeTrue($"docs/platforms/{platform}.md says what a backup has and what it cannot have.");
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Manifests_load_and_have_a_title_and_an_icon(string platform)
    {
        var connector = Load(platform);

        connector.Info.Title.ShouldNotBeNullOrEmpty();
        connector.Info.Icon.ShouldBe("icon.svg");
        File.ReadAllText(Path.Combine(Folder, platform, "icon.svg")).ShouldStartWith("<svg ");
        if (File.Exists(RestoreOf(platform))) RestoreManifest.LoadFile(RestoreOf(platform), connector).Streams.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void The_platforms_page_names_every_stream_and_tells_what_a_backup_cannot_have(string platform)
    {
        var page = File.ReadAllText(DocsOf(platform));

        Load(platform).Streams.Where(stream => !page.Contains(stream.Name)).Select(stream => stream.Name).ShouldBeEmpty();
        page.ShouldContain("cannot");
        page.ShouldContain("## Connecting");
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void What_has_no_restore_says_why(string platform)
    {
        if (!File.Exists(RestoreOf(platform))) File.ReadAllText(DocsOf(platform)).ShouldContain("read-only", Case.Insensitive);
    }

    private static string DocsOf(string platform) => Path.Combine(BuildOutput.Root, "docs", "platforms", $"{platform}.md");

    private static string RestoreOf(string platform) => Path.Combine(Folder, platform, "restore.yaml");

    private static Connector Load(string platform) => Connector.LoadFile(Path.Combine(Folder, platform, "manifest.yaml"));
}
