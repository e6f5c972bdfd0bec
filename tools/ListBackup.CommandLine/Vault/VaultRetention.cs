using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault retention, hold.</summary>
internal static class VaultRetention
{
    public static readonly Option<bool> Yes = new("--yes") { Description = "Do it. Without, the command only says what it would do." };
    private static readonly Option<bool> s_set = new("--set") { Description = "Make the given numbers the source's policy." };
    private static readonly Option<bool> s_clear = new("--clear") { Description = "Take the policy away: everything is kept." };
    private static readonly Option<bool> s_apply = new("--apply") { Description = "Let the snapshots go that the source's policy does not keep; needs --yes." };
    private static readonly Option<int?> s_keepAllDays = new("--keep-all-days") { Description = $"All snapshots of so many days, at least {RetentionPolicy.KeepAllDaysMin}." };
    private static readonly Option<int?> s_daily = new("--daily") { Description = "The last of each of so many days." };
    private static readonly Option<int?> s_weekly = new("--weekly") { Description = "The last of each of so many weeks." };
    private static readonly Option<int?> s_monthly = new("--monthly") { Description = "The last of each of so many months." };
    private static readonly Option<int?> s_yearly = new("--yearly") { Description = "The last of each of so many years." };
    private static readonly Option<int?> s_minimum = new("--min-snapshots") { Description = "The newest so many, whatever their age." };
    private static readonly Option<string> s_name = new("--name") { Description = "The hold's name.", Required = true };
    private static readonly Option<string?> s_until = new("--until") { Description = "Day on which it ends (UTC), for example 2030-12-31. Default: when it is lifted." };
    private static readonly Option<bool> s_lift = new("--lift") { Description = "Lift the hold of this name." };

    public static IEnumerable<Symbol> Symbols =>
        [VaultCommand.Source, s_keepAllDays, s_daily, s_weekly, s_monthly, s_yearly, s_minimum, s_set, s_clear, s_apply, Yes];

    public static IEnumerable<Symbol> HoldSymbols => [VaultCommand.Source, s_name, VaultCommand.At, s_until, s_lift];

    public static async Task<int> RunAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var policy = PolicyOf(command);
        if (command.Parsed.GetValue(s_clear)) await vault.SetRetentionAsync(command.SourceId, null, command.Cancellation);
        else if (command.Parsed.GetValue(s_set))
            await vault.SetRetentionAsync(command.SourceId, policy ?? throw new CommandException("--set needs a number, for example --keep-all-days 30."), command.Cancellation);
        if (!command.Parsed.GetValue(s_apply)) return await PreviewAsync(command, vault, policy);
        if (policy is not null && !command.Parsed.GetValue(s_set)) throw new CommandException("--apply goes by the source's policy; add --set to make these numbers that policy.");
        if (!command.Parsed.GetValue(Yes)) return await PreviewAsync(command, vault, null);

        var report = await vault.ApplyRetentionAsync(command.SourceId, command.Cancellation);
        command.Report.Value(
            JsonSerializer.SerializeToNode(report, VaultJson.Default.RetentionReport)!,
            report.Expired.Count == 0 ? "No snapshot has expired." : $"{report.Expired.Count} snapshots have expired: {string.Join(", ", report.Expired)}. 'vault compact' and 'vault gc' then free what nobody needs.");
        return ExitCode.Success;
    }

    public static async Task<int> HoldAsync(VaultCommand command)
    {
        var (vault, name) = (await command.OpenAsync(), command.Parsed.GetRequiredValue(s_name));
        if (command.Parsed.GetValue(s_lift)) await vault.LiftHoldAsync(command.SourceId, name, command.Cancellation);
        else await vault.PutHoldAsync(command.SourceId, new SnapshotHold(name, await command.SeqAsync(vault), TimeProvider.System.GetUtcNow(), UntilOf(command)), command.Cancellation);
        var holds = (await vault.PreviewRetentionAsync(command.SourceId, null, command.Cancellation)).Holds;
        command.Report.Rows(
            holds.Select(hold => (JsonNode)new JsonObject { ["name"] = hold.Name, ["seq"] = hold.Seq, ["since"] = hold.Since.ToString("O"), ["until"] = hold.Until?.ToString("O") }).ToList(),
            "There is no hold.",
            ("Name", row => row["name"]!.ToString()),
            ("Snapshot", row => row["seq"]?.ToString() ?? "all"),
            ("Until", row => row["until"]?.ToString() ?? "lifted"));
        return ExitCode.Success;
    }

    private static async Task<int> PreviewAsync(VaultCommand command, BackupVault vault, RetentionPolicy? policy)
    {
        var preview = await vault.PreviewRetentionAsync(command.SourceId, policy, command.Cancellation);
        var rows = JsonSerializer.SerializeToNode(preview, VaultJson.Default.RetentionPreview)!["snapshots"]!.AsArray();
        command.Report.Rows(
            [.. rows.Select(row => row!.DeepClone())],
            "There is no snapshot.",
            ("Seq", row => row["seq"]!.ToString()),
            ("Time", row => Listing.Time(row["time"])),
            ("Kept", row => row["isKept"]!.GetValue<bool>() ? "kept" : "would expire"),
            ("Why", row => string.Join(", ", row["reasons"]!.AsArray())),
            ("Guaranteed until", row => row["guaranteedUntil"] is { } until ? Listing.Time(until) : "no end"));
        return ExitCode.Success;
    }

    private static RetentionPolicy? PolicyOf(VaultCommand command)
    {
        int?[] numbers = [.. new[] { s_keepAllDays, s_daily, s_weekly, s_monthly, s_yearly, s_minimum }.Select(command.Parsed.GetValue)];
        if (Array.TrueForAll(numbers, number => number is null)) return null;
        var usual = new RetentionPolicy();
        return new RetentionPolicy
        {
            KeepAllDays = numbers[0] ?? usual.KeepAllDays,
            Daily = numbers[1] ?? usual.Daily,
            Weekly = numbers[2] ?? usual.Weekly,
            Monthly = numbers[3] ?? usual.Monthly,
            Yearly = numbers[4] ?? usual.Yearly,
            MinSnapshots = numbers[5] ?? usual.MinSnapshots,
        };
    }

    private static DateTimeOffset? UntilOf(VaultCommand command)
    {
        if (command.Parsed.GetValue(s_until) is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var until)
            ? until
            : throw new CommandException($"--until {text} is no day.");
    }
}
