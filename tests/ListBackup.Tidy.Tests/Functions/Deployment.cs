using ListBackup.Testing;
using YamlDotNet.RepresentationModel;

namespace ListBackup.Tidy.Tests.Functions;

/// <summary>What a service's serverless.yml says of one function.</summary>
internal sealed record DeployedFunction(string Service, string Name, string Handler, int MemorySize, int Timeout, string Artifact, IReadOnlyList<DeployedEvent> Events);

/// <summary>One event of a function; its kind, and the attributes of that kind that are given.</summary>
internal sealed record DeployedEvent(string Kind, IReadOnlyDictionary<string, string> Values);

internal static class Deployment
{
    public static IReadOnlyList<DeployedFunction> Functions { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(BuildOutput.Root, "services"), "serverless.yml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(Read)];

    public static YamlMappingNode Load(string file)
    {
        using var reader = new StreamReader(Path.Combine(BuildOutput.Root, file));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static IEnumerable<DeployedFunction> Read(string file)
    {
        var functions = (YamlMappingNode)Load(file)["functions"];
        var service = Path.GetFileName(Path.GetDirectoryName(file)) ?? "";
        return functions.Children.Select(function => Read(service, Text(function.Key), (YamlMappingNode)function.Value));
    }

    private static DeployedFunction Read(string service, string name, YamlMappingNode function) => new(
        service,
        name,
        Text(function["handler"]),
        int.Parse(Text(function["memorySize"])),
        int.Parse(Text(function["timeout"])),
        Text(((YamlMappingNode)function["package"])["artifact"]),
        [.. ((YamlSequenceNode)function["events"]).Select(given => Event((YamlMappingNode)given))]);

    private static DeployedEvent Event(YamlMappingNode given)
    {
        var (kind, value) = given.Children.Single();
        var values = value is YamlMappingNode mapping
            ? mapping.Children.ToDictionary(pair => Text(pair.Key), pair => pair.Value is YamlScalarNode scalar ? scalar.Value ?? "" : "given")
            : new Dictionary<string, string> { [""] = Text(value) };
        return new(Text(kind), values);
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";
}
