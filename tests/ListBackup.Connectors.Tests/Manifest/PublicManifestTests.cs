using System.Text;

namespace ListBackup.Connectors.Manifest;

public class PublicManifestTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_public_manifest_is_loaded_or_refused_with_the_reason()
    {
        var refused = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (loaded, total) = (0, 0);
        foreach (var path in Directory.EnumerateFiles(ReferenceData.Path("manifests"), "*.yaml").Order())
        {
            total++;
            try
            {
                Connector.LoadFile(path);
                loaded++;
            }
            catch (ManifestException exception)
            {
                foreach (var problem in exception.Problems.DistinctBy(problem => (problem.Component, problem.Reason)))
                {
                    var key = $"{problem.Kind} {problem.Component}.{problem.Path.Split('.')[^1]}: {problem.Reason}";
                    refused[key] = refused.GetValueOrDefault(key) + 1;
                }

                if (exception.Problems.Any(problem => problem.Kind == ManifestProblemKind.Invalid))
                    output.WriteLine($"{Path.GetFileName(path)}: {exception.Problems.First(problem => problem.Kind == ManifestProblemKind.Invalid)}");
            }
        }

        output.WriteLine($"{loaded} of {total} load");
        foreach (var (reason, count) in refused.OrderByDescending(pair => pair.Value))
            output.WriteLine($"{count,4} {reason}");
        loaded.ShouldBeGreaterThan(total / 2);
    }
}
