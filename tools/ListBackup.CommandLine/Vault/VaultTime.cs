using System.Globalization;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>Times on the command line: UTC where they do not say otherwise.</summary>
internal static class VaultTime
{
    public static DateTimeOffset? ParseOption(string option, string? text) => text is null ? null : Parse(option, text);

    public static DateTimeOffset Parse(string option, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new CommandException($"{option} {text} is no time, such as 2026-11-01 or 2026-11-01T18:00Z.");

    /// <summary>A number, or a time: then the newest backup not after it; of a day without a time of day, not after its end.</summary>
    public static async Task<long?> SeqAsync(VaultCommand command, BackupVault vault, string? text)
    {
        if (text is null) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return seq;
        var time = Parse("--at", text);
        var isDay = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        var end = isDay ? time.AddDays(1) : time.AddTicks(1);
        await foreach (var snapshot in vault.ListSnapshotsAsync(command.SourceId, command.Cancellation))
        {
            if (snapshot.Time < end) return snapshot.Seq;
        }

        throw new CommandException($"Source {command.SourceId} has no snapshot of {text} or before.");
    }
}
