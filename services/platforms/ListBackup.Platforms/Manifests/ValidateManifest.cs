using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Manifest;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Tells everything that is wrong with a manifest before anything is stored.</summary>
public sealed class ValidateManifest
{
    public ManifestVerdict Run(string manifest)
    {
        if (manifest.Length is 0 or > CustomerManifest.TextLengthMax)
            throw Problem.Invalid("manifest", $"A manifest has 1 to {CustomerManifest.TextLengthMax} characters.");
        try
        {
            var connector = CustomerManifests.Compile(manifest);
            return new(true, [], [.. connector.Warnings.Select(Fault)], [.. connector.Streams.Select(stream => stream.Name)]);
        }
        catch (ManifestException wrong)
        {
            return new(false, [.. wrong.Problems.Select(Fault)], [], []);
        }
    }

    private static ManifestFault Fault(ManifestProblem problem) => new(
        problem.Path, problem.Component.Length == 0 ? null : problem.Component, problem.Reason,
        problem.Kind switch
        {
            ManifestProblemKind.NeedsCode => "needs-code",
            ManifestProblemKind.NotSupportedYet => "not-supported-yet",
            _ => "invalid",
        });
}
