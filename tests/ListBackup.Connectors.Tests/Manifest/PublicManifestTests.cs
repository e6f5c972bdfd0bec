using System.Text.RegularExpressions;

namespace ListBackup.Connectors.Manifest;

public partial class PublicManifestTests(ITestOutputHelper output)
{
    /// <summary>A component of a type Custom…, or one that names a class and so is one, outside of comments.</summary>
    [GeneratedRegex(@"^[^#\n]*\b(type: *[""']?Custom[A-Z]\w+|class_name: *\S)", RegexOptions.Multiline)]
    private static partial Regex CustomComponent();

    [Fact]
    public void Every_public_manifest_without_code_loads_and_the_others_are_refused_by_the_names_of_their_classes()
    {
        var refused = new List<string>();
        var (loaded, warned, total) = (0, 0, 0);
        foreach (var path in Directory.EnumerateFiles(ReferenceData.Path("manifests"), "*.yaml").Order(StringComparer.Ordinal))
        {
            total++;
            var name = Path.GetFileName(path);
            try
            {
                var connector = Connector.LoadFile(path);
                loaded++;
                warned += connector.Warnings.Count > 0 ? 1 : 0;
                foreach (var warning in connector.Warnings.DistinctBy(warning => warning.Reason))
                    output.WriteLine($"{name}: {warning}");
            }
            catch (ManifestException exception)
            {
                foreach (var problem in exception.Problems.DistinctBy(problem => problem.Reason))
                    output.WriteLine($"{name}: {problem}");
                if (!CustomComponent().IsMatch(File.ReadAllText(path)) || exception.Problems.Any(problem => problem.Kind == ManifestProblemKind.Invalid))
                    refused.Add($"{name}: {exception.Problems.MaxBy(problem => problem.Kind == ManifestProblemKind.Invalid)}");
                else
                    exception.Problems.ShouldContain(problem => problem.Reason.Contains("It asks for code ("), name);
            }
        }

        output.WriteLine($"{loaded} of {total} load, {warned} of them with warnings");
        refused.ShouldBeEmpty();
    }
}
