using System.CommandLine;

namespace ListBackup.CommandLine;

/// <summary>vault …: a vault in a folder of this machine or in a bucket, without any server. For benchmarks, for emergencies, and for whoever wants just the engine.</summary>
internal static class VaultCommands
{
    public static Command Build() => new("vault", "Back up, prove and restore records in a vault folder or bucket, without a server.")
    {
        VaultCommand.Build("init", "Make a vault and, where there is none, its key file.", [VaultInit.RecoveryKey], VaultInit.RunAsync),
        VaultCommand.Build("backup", "Back up records from NDJSON.", VaultBackup.Symbols, VaultBackup.RunAsync),
        VaultCommand.Build("snapshots", "List the snapshots of a source.", [VaultCommand.Source], VaultReading.SnapshotsAsync),
        VaultCommand.Build("show", "Print one record.", [VaultCommand.Source, VaultCommand.Stream, VaultCommand.At, VaultReading.Key], VaultReading.ShowAsync),
        VaultCommand.Build("attachment", "Print a file of a record, byte for byte.", [VaultCommand.Source, VaultCommand.Stream, VaultCommand.At, VaultReading.Key, VaultFiles.Path], VaultFiles.ShowAsync),
        VaultCommand.Build("diff", "How a stream differs between two snapshots.", [VaultCommand.Source, VaultCommand.Stream, VaultReading.From, VaultReading.To, VaultReading.Summary], VaultReading.DiffAsync),
        VaultCommand.Build("history", "Every version of one record.", [VaultCommand.Source, VaultCommand.Stream, VaultReading.Key], VaultReading.HistoryAsync),
        VaultCommand.Build("restore", "Print a stream's records as NDJSON, byte for byte.", [VaultCommand.Source, VaultCommand.Stream, VaultCommand.At, VaultReading.SortByKey], VaultReading.RestoreAsync),
        VaultCommand.Build("search", "Find records by what a person types; NDJSON on standard output.", VaultSearch.SearchSymbols, VaultSearch.SearchAsync),
        VaultCommand.Build("browse", "Print records of a snapshot, a page at a time, that meet conditions.", VaultSearch.BrowseSymbols, VaultSearch.BrowseAsync),
        VaultCommand.Build("deleted", "Find records that are no longer there: when they went, and their last content.", VaultSearch.DeletedSymbols, VaultSearch.DeletedAsync),
        VaultCommand.Build("index", "Bring the search index of a stream up to date; 'search' does so by itself.", VaultSearch.IndexSymbols, VaultSearch.IndexAsync),
        VaultCommand.Build("drift", "Fields that appeared, vanished or changed between two snapshots.", [VaultCommand.Source, VaultCommand.Stream, VaultReading.From, VaultReading.To, VaultDrift.Exact], VaultDrift.RunAsync),
        VaultCommand.Build("verify", "Check the vault; exit code 4 when something is wrong.", [VaultCommand.AnySource, VaultChecks.Level, VaultChecks.KnownCheckpoint, VaultChecks.BudgetBytes, VaultChecks.ReportFile], VaultChecks.VerifyAsync),
        VaultCommand.Build("drill", "Restore a random stream of a random snapshot into scratch and hold it against the snapshot; exit code 4 when it did not come back.", [VaultCommand.AnySource, VaultDrill.Seed, VaultChecks.ReportFile], VaultDrill.RunAsync),
        VaultCommand.Build("checkpoint", "Print the signed state of the account's log; keep it outside the folder.", [VaultChecks.Since], VaultChecks.CheckpointAsync),
        VaultCommand.Build("prove", "Write a folder that proves one record in one snapshot to somebody without keys.", [VaultCommand.Source, VaultCommand.Stream, VaultProof.Key, VaultCommand.At, VaultProof.Out], VaultProof.ProveAsync),
        VaultCommand.Build("compact", "Merge what many backups of a source have written, where that pays.", [VaultCommand.Source, VaultMaintenance.IsFull], VaultMaintenance.CompactAsync),
        VaultCommand.Build("retention", "What a policy keeps and lets go, and why; with --set and --apply it does so.", VaultRetention.Symbols, VaultRetention.RunAsync),
        VaultCommand.Build("hold", "Keep a snapshot, or all, whatever the policy says.", VaultRetention.HoldSymbols, VaultRetention.HoldAsync),
        VaultCommand.Build("gc", "Delete what nothing refers to: --yes makes a plan and carries out the one that is due.", [VaultCommand.AnySource, VaultMaintenance.Attachments, VaultRetention.Yes, VaultMaintenance.Grace], VaultMaintenance.CollectAsync),
        VaultCommand.Build("erase", "Erase a person's records from every snapshot, for good.", VaultErasure.EraseSymbols, VaultErasure.EraseAsync),
        VaultCommand.Build("erasures", "List the receipts of erasures; exit code 4 when one is not complete.", [], VaultErasure.ErasuresAsync),
        VaultCommand.Build("legal-hold", "Forbid to erase a source, a stream, a record or a person; or release such a hold.", VaultErasure.HoldSymbols, VaultErasure.HoldAsync),
        VaultCommand.Build("legal-holds", "List the legal holds in force.", [], VaultErasure.HoldsAsync),
        VaultCommand.Build("stats", "How large the vault is.", [], VaultChecks.StatsAsync),
    };
}
