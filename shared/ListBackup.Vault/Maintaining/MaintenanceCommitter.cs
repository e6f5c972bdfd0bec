using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Maintaining;

/// <summary>Commits that are no backups. They carry everything over from their parent but what they are about.</summary>
internal static class MaintenanceCommitter
{
    /// <summary>Commits what is made of the newest manifest; made again when somebody else was quicker.</summary>
    /// <param name="core">The vault.</param>
    /// <param name="source">Id of the source.</param>
    /// <param name="make">The next manifest; null: there is nothing to do. It may be called several times.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when there was nothing to do.</returns>
    /// <exception cref="VaultNotFoundException">The source has no snapshot.</exception>
    /// <exception cref="CommitContendedException">It was overtaken too often.</exception>
    public static async Task<CheckedManifest?> CommitAsync(
        VaultCore core, string source, Func<CheckedManifest, Task<Manifest?>> make, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= core.Options.CommitAttemptsMax; attempt++)
        {
            var parent = (await SourceView.OpenAsync(core, source, cancellation)).Newest;
            Manifest? manifest;
            try
            {
                manifest = await make(parent);
            }
            catch (SnapshotExpiredException) when (attempt < core.Options.CommitAttemptsMax)
            {
                // Somebody else's retention let it go since the parent was read.
                continue;
            }

            if (manifest is null) return null;
            if (await core.Manifests.TryPutAsync(manifest, cancellation) is not { } committed) continue;
            await core.Log.TryAppendAsync(committed, cancellation);
            return committed;
        }

        throw new CommitContendedException(
            $"A commit of maintenance of source {source} was overtaken {core.Options.CommitAttemptsMax} times. Nothing was committed; try again later.");
    }

    /// <summary>The manifest after the parent, with nothing changed yet.</summary>
    public static Manifest After(VaultCore core, CheckedManifest parent, Maintenance maintenance, string? attempt = null) => parent.Manifest with
    {
        Seq = parent.Manifest.Seq + 1,
        Parent = parent.Sha256,
        Attempt = attempt ?? NewId(),
        Run = NewId(),
        Trigger = "maintenance",
        Time = core.Options.Clock.GetUtcNow(),
        SegmentBytes = 0,
        Maintenance = maintenance,
    };

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
