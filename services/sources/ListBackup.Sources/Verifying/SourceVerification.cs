using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Verifies a source's part of the vault and notes on the source what was proven, and tells people what was not.</summary>
public sealed class SourceVerification(RunStore runs, Notifications notifications, ActivityLog activities)
{
    public const string Failed = "verification.failed";

    /// <summary>Verifies and notes. Damage is in the report, on the source and told; it is not thrown.</summary>
    public async Task<VerifyReport> VerifyAsync(BackupVault vault, Source source, VerifyRequest request, CancellationToken cancellation)
    {
        var report = await vault.VerifyAsync(request, cancellation);
        await NoteAsync(source, request, report, cancellation);
        if (!report.IsSound) await TellAsync(source, request, report, cancellation);
        return report;
    }

    private Task<Stored<Source>?> NoteAsync(Source source, VerifyRequest request, VerifyReport report, CancellationToken cancellation) =>
        runs.UpdateSourceAsync(source.AccountId, source.Id, s => !report.IsSound ? s with { Damage = DamageOf(report) } : s with
        {
            LastVerifiedAt = request.Level >= VerifyLevel.Blocks ? runs.Now : s.LastVerifiedAt,
            // Without a budget every byte was read just now.
            AllVerifiedSince = request.Level < VerifyLevel.Blocks ? s.AllVerifiedSince : report.Rotation is { } rotation ? rotation.Since ?? s.AllVerifiedSince : runs.Now,
            LastDrillAt = request.Level == VerifyLevel.Restore ? runs.Now : s.LastDrillAt,
            // A look at some of the bytes says nothing of damage elsewhere.
            Damage = request is { Level: >= VerifyLevel.Blocks, BudgetBytes: null } ? null : s.Damage,
        }, cancellation);

    private async Task TellAsync(Source source, VerifyRequest request, VerifyReport report, CancellationToken cancellation)
    {
        var damage = DamageOf(report);
        var id = NotificationId.Of($"{Failed} {source.Id} {runs.Now:yyyy-MM-dd} {report.Problems[0].Object}").ToString();
        await notifications.SendAsync(source.AccountId, Failed, source.Id.ToString(), $"The backups of {source.Name} are damaged", $"{damage.Message} {damage.Action}", id, cancellation,
            ("source", source.Id.ToString()), ("level", ApiText.Of(request.Level)), ("problems", $"{report.Problems.Count}"), (Notification.Link, $"/sources/{source.Id}"));
        await activities.AppendAsync(source.AccountId, "system", Failed, source.Id.ToString(), cancellation, ("level", ApiText.Of(request.Level)), ("problems", $"{report.Problems.Count}"));
    }

    public static Reason DamageOf(VerifyReport report) => new("vault-damaged",
        $"{report.Problems.Count} problems were found. First: {report.Problems[0].Object}: {report.Problems[0].Message}", "Keep the vault as it is and ask for help; other snapshots may be whole.");
}

/// <summary>What is proven of a source's backups, and what is promised.</summary>
public sealed record ProtectionView
{
    /// <summary>When bytes of its backups were last read and found whole.</summary>
    public DateTimeOffset? LastVerifiedAt { get; init; }

    /// <summary>Every byte was read and found whole since then; absent until all were.</summary>
    public DateTimeOffset? AllVerifiedSince { get; init; }

    /// <summary>When everything in a snapshot was last restored into nothing and proved equal.</summary>
    public DateTimeOffset? LastDrillAt { get; init; }

    /// <summary>When maintenance last came to its end.</summary>
    public DateTimeOffset? MaintainedAt { get; init; }

    /// <summary>Until when retention and holds keep the newest snapshot whatever else comes, as of the last maintenance; absent: there is no end, or maintenance has not come by yet.</summary>
    public DateTimeOffset? GuaranteedUntil { get; init; }

    /// <summary>What a verification found damaged; absent when nothing is known to be.</summary>
    public Reason? Damage { get; init; }

    public static ProtectionView Of(Source source) => new()
    {
        LastVerifiedAt = source.LastVerifiedAt,
        AllVerifiedSince = source.AllVerifiedSince,
        LastDrillAt = source.LastDrillAt,
        MaintainedAt = source.MaintainedAt,
        GuaranteedUntil = source.GuaranteedUntil,
        Damage = source.Damage,
    };
}
