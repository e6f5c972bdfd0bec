using System.CommandLine;
using ListBackup.Connectors;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Restoring;

namespace ListBackup.CommandLine;

/// <summary>connector conformance: loads every manifest of a folder, with the restore.yaml beside it, and tells which are refused, and why.</summary>
internal static class ConnectorConformance
{
    private static readonly Argument<DirectoryInfo> Folder = new("folder") { Description = "A folder with manifests (*.yaml), or with folders that hold a manifest.yaml." };

    public static Command Build()
    {
        var command = new Command("conformance", "Load every manifest of a folder; tell which are refused, why, and which components occur.") { Folder, ConnectorCommands.Strict };
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed)));

        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var folder = parsed.GetRequiredValue(Folder);
        if (!folder.Exists)
            throw new CommandException($"{folder} is not a folder.", ExitCode.Usage);

        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var options = new LoadOptions { Strict = parsed.GetValue(ConnectorCommands.Strict) };
        var (loaded, warned, total, warnings) = (0, 0, 0, 0);
        foreach (var path in Manifests(folder))
        {
            total++;
            var name = Path.GetRelativePath(folder.FullName, path);
            try
            {
                var connector = Connector.LoadFile(path, options);
                var restore = Restore(path, connector);
                loaded++;
                foreach (var (component, count) in connector.ComponentCounts)
                    counts[component] = counts.GetValueOrDefault(component) + count;
                warnings += connector.Warnings.Count;
                warned += connector.Warnings.Count > 0 ? 1 : 0;
                Console.Out.WriteLine(
                    $"{(connector.Warnings.Count > 0 ? "warned " : "loaded ")}  {name,-48} {connector.Streams.Count} streams{(restore is null ? "" : $", {restore.Streams.Count} can be restored")}" +
                    $"{(connector.Warnings.Count > 0 ? $", {connector.Warnings.Count} warnings: {connector.Warnings[0]}" : "")}");
            }
            catch (ManifestException exception)
            {
                var kind = exception.Problems.Select(problem => problem.Kind).Min();
                kinds[kind.ToString()] = kinds.GetValueOrDefault(kind.ToString()) + 1;
                Console.Out.WriteLine($"refused  {name,-48} {exception.Problems[0]}{(exception.Problems.Count > 1 ? $" (and {exception.Problems.Count - 1} more)" : "")}");
            }
        }

        Console.Out.WriteLine();
        foreach (var (component, count) in counts.OrderByDescending(pair => pair.Value))
            Console.Out.WriteLine($"{count,8} {component}");
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{loaded} of {total} manifests load, {warned} of them with {warnings} warnings{string.Concat(kinds.Select(pair => $"; refused as {pair.Key}: {pair.Value}"))}.");

        return total == 0 ? ExitCode.Failure : options.Strict && loaded < total ? ExitCode.NotProven : ExitCode.Success;
    }

    /// <summary>Only manifest.yaml has one beside it: in a folder of many manifests nobody knows whose it would be.</summary>
    private static RestoreManifest? Restore(string manifest, Connector connector) =>
        Path.GetFileName(manifest) == "manifest.yaml" && Path.Combine(Path.GetDirectoryName(manifest)!, "restore.yaml") is var path && File.Exists(path)
            ? RestoreManifest.LoadFile(path, connector)
            : null;

    private static IEnumerable<string> Manifests(DirectoryInfo folder) => Directory.EnumerateFiles(folder.FullName, "*.yaml", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) is not ("restore.yaml" or "docker-compose.yaml"))
        .Order(StringComparer.Ordinal);
}
