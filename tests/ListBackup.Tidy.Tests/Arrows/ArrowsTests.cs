using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using ListBackup.Testing;

namespace ListBackup.Tidy.Tests.Arrows;

/// <summary>
/// Dependencies point one way: functions and Host → services → Functions, Connections → Domain, Connectors, Vault; Aws and Embedded implement ports of
/// Domain and Vault. So the engines can be read, tested and reused alone, and a service cannot come to need AWS or SQLite.
/// </summary>
public sealed class ArrowsTests
{
    private static readonly string[] Engines = ["ListBackup.Domain", "ListBackup.Connectors", "ListBackup.Vault"];
    private static readonly string[] Services = ["ListBackup.Auth", "ListBackup.Users", "ListBackup.Accounts", "ListBackup.Platforms", "ListBackup.Sources"];

    public static TheoryData<string> Projects => [.. Project.All.Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_file_refers_only_to_what_its_layer_may_know(string name)
    {
        var project = Project.All.Single(project => project.Name == name);

        foreach (var reference in project.References) MayRefer(project, reference).ShouldBeTrue(Reason(project, reference));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_compiled_assembly_uses_only_what_its_layer_may_know(string name)
    {
        var project = Project.All.Single(project => project.Name == name);

        foreach (var reference in project.AssemblyReferences().Where(IsOursOrAws)) MayRefer(project, reference).ShouldBeTrue(Reason(project, reference));
    }

    private static bool MayRefer(Project from, string to) => from.Name switch
    {
        "ListBackup.Domain" or "ListBackup.Connectors" or "ListBackup.Vault" => false,
        "ListBackup.Connections" => to is "ListBackup.Domain" or "ListBackup.Connectors",
        "ListBackup.Functions" => to == "ListBackup.Domain" || IsAwsPackage(to),
        "ListBackup.Aws" => to is "ListBackup.Domain" or "ListBackup.Vault" || IsAwsPackage(to) || IsAwsSdk(to),
        "ListBackup.Embedded" => to is "ListBackup.Domain" or "ListBackup.Vault",
        "ListBackup.Host" => Services.Contains(to) || Engines.Contains(to) || to is "ListBackup.Functions" or "ListBackup.Connections" or "ListBackup.Embedded",
        _ when Services.Contains(from.Name) => Engines.Contains(to) || to is "ListBackup.Functions" or "ListBackup.Connections",
        _ when from.IsFunction => to == from.ServiceName || to is "ListBackup.Functions" or "ListBackup.Connections" or "ListBackup.Aws" or "ListBackup.Domain" || IsAwsPackage(to),
        _ when from.IsAwsPackage => IsAwsPackage(to) || IsAwsSdk(to),
        // Tools and tests are composition roots of their own.
        _ => true,
    };

    private static string Reason(Project from, string to) => from.Name switch
    {
        _ when Engines.Contains(from.Name) => $"{from.Name} refers to {to}. The engines know nothing of ours, so that each can be read and tested alone: let the caller bring what it needs.",
        _ when Services.Contains(from.Name) => $"{from.Name} refers to {to}. A service knows ports, never adapters, hosts or other services; otherwise one of the two shapes becomes a mock of the other.",
        "ListBackup.Aws" or "ListBackup.Embedded" => $"{from.Name} refers to {to}. An adapter implements ports of Domain and Vault and knows nothing else of ours.",
        _ when from.IsFunction => $"{from.Name} refers to {to}. A function joins one service to the ports on AWS; what it needs beyond that belongs into the service or ListBackup.Functions.",
        _ => $"{from.Name} refers to {to}, against the arrows in docs/adr/0001-two-shapes-one-set-of-ports.md.",
    };

    private static bool IsOursOrAws(string assembly) => assembly.StartsWith("ListBackup.", StringComparison.Ordinal) || IsAwsSdk(assembly) || IsAwsPackage(assembly);

    private static bool IsAwsSdk(string name) => name.StartsWith("AWSSDK.", StringComparison.Ordinal) && name != "AWSSDK.SecretsManager";

    private static bool IsAwsPackage(string name) =>
        name.StartsWith("ListBackup.AwsPackages.", StringComparison.Ordinal) || name.StartsWith("Amazon.", StringComparison.Ordinal) || name == "AWSSDK.SecretsManager";

    private sealed record Project(string Name, string File)
    {
        public static IReadOnlyList<Project> All { get; } =
        [
            .. new[] { "shared", "services" }
                .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(BuildOutput.Root, folder), "*.csproj", SearchOption.AllDirectories))
                .Select(file => new Project(Path.GetFileNameWithoutExtension(file), file))
                .OrderBy(project => project.Name, StringComparer.Ordinal),
        ];

        public bool IsFunction => File.Contains("/functions/", StringComparison.Ordinal);

        public bool IsAwsPackage => File.Contains("/aws-packages/", StringComparison.Ordinal);

        /// <summary>Of ListBackup.Sources.SyncWorker: ListBackup.Sources.</summary>
        public string ServiceName => Path.GetFileNameWithoutExtension(Name);

        public IEnumerable<string> References => XDocument.Load(File).Descendants()
            .Where(element => element.Name.LocalName is "ProjectReference" or "AwsPackage" || (element.Name.LocalName == "PackageReference" && IsOursOrAws(Include(element))))
            .Select(element => Path.GetFileName(Include(element)).Replace(".csproj", "", StringComparison.Ordinal));

        public IEnumerable<string> AssemblyReferences()
        {
            var assembly = IsFunction ? "bootstrap" : IsAwsPackage ? $"ListBackup.AwsPackages.{Name.Replace("Amazon.", "", StringComparison.Ordinal)}" : Name;
            using var file = System.IO.File.OpenRead(BuildOutput.Program(Name, $"{assembly}.dll"));
            using var executable = new PEReader(file);
            var metadata = executable.GetMetadataReader();
            return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
        }

        private static string Include(XElement element) => element.Attribute("Include")?.Value ?? "";
    }
}
