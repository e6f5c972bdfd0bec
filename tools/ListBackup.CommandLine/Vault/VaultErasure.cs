using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault erase, erasures, legal-hold, legal-holds.</summary>
internal static class VaultErasure
{
    private static readonly Option<string?> Source = new("--source") { Description = "Id of the source." };
    private static readonly Option<string?> Stream = new("--stream") { Description = "Name of the stream." };
    private static readonly Option<string[]> Keys = new("--key") { Description = "Key of a record of the stream; may be given several times." };
    private static readonly Option<string?> Records = new("--records") { Description = "NDJSON with more records: {\"source\":…,\"stream\":…,\"key\":…}." };
    private static readonly Option<string[]> Identifiers = new("--identifier") { Description = "What the person is known by, such as an e-mail address; only a keyed hash of it is kept. May be given several times." };
    private static readonly Option<string> Id = new("--id") { Description = "Your name for the request. Asking again under it completes it or shows its receipt.", Required = true };
    private static readonly Option<string?> By = new("--by") { Description = "Who asks." };
    private static readonly Option<string?> Why = new("--why") { Description = "Why." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Erase. Without it the command only says what it would do." };
    private static readonly Option<string> Name = new("--name") { Description = "The hold's name.", Required = true };
    private static readonly Option<string?> Key = new("--key") { Description = "Only this record of the stream." };
    private static readonly Option<string?> Identifier = new("--identifier") { Description = "Only the person of this identifier." };
    private static readonly Option<string?> Until = new("--until") { Description = "When the hold ends by itself, for example 2030-01-01." };
    private static readonly Option<bool> Release = new("--release") { Description = "Release the hold of this name." };

    public static IEnumerable<Symbol> EraseSymbols => [Id, Source, Stream, Keys, Records, Identifiers, By, Why, Yes];

    public static IEnumerable<Symbol> HoldSymbols => [Name, Source, Stream, Key, Identifier, By, Why, Until, Release];

    public static async Task<int> EraseAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var request = await RequestOfAsync(command);
        if (!command.Parsed.GetValue(Yes)) return await PlanAsync(command, vault, request);
        var receipt = await vault.EraseAsync(request, command.Cancellation);
        command.Report.Value(
            JsonSerializer.SerializeToNode(receipt, VaultJson.Default.ErasureReceipt)!,
            $"{SumOf(receipt.Streams, "erased")} Receipt: {receipt.Object}, SHA-256 {receipt.Sha256}.");
        return ExitCode.Success;
    }

    public static async Task<int> ErasuresAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var receipts = await vault.ListErasuresAsync(command.Cancellation);
        command.Report.Rows(
            [.. receipts.Select(receipt => JsonSerializer.SerializeToNode(receipt, VaultJson.Default.ErasureReceipt)!)],
            "Nobody was erased.",
            ("Request", row => row["request"]!.ToString()),
            ("Time", row => Listing.Time(row["time"])),
            ("Records", row => row["streams"]!.AsArray().Sum(stream => stream!["records"]!.GetValue<long>()).ToString(CultureInfo.InvariantCulture)),
            ("Receipt", row => row["object"]!.ToString()));
        var unfinished = await vault.ListUnfinishedErasuresAsync(command.Cancellation);
        foreach (var request in unfinished) Console.Error.WriteLine($"listbackup: the erasure {request} was begun and is not complete; ask for it again");
        return unfinished.Count == 0 ? ExitCode.Success : ExitCode.NotProven;
    }

    public static async Task<int> HoldAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var (name, by, why) = (command.Parsed.GetRequiredValue(Name), command.Parsed.GetValue(By) ?? "", command.Parsed.GetValue(Why) ?? "");
        if (command.Parsed.GetValue(Release))
        {
            if (!await vault.ReleaseLegalHoldAsync(name, by, why, command.Cancellation)) throw new CommandException($"There is no legal hold {name}.");
            command.Report.Value(new JsonObject { ["name"] = name, ["isReleased"] = true }, $"The legal hold {name} is released.");
            return ExitCode.Success;
        }

        await vault.PlaceLegalHoldAsync(
            new LegalHold
            {
                Name = name,
                By = by,
                Why = why,
                Source = command.Parsed.GetValue(Source),
                Stream = command.Parsed.GetValue(Stream),
                Key = command.Parsed.GetValue(Key),
                Identifier = command.Parsed.GetValue(Identifier),
                Until = command.Parsed.GetValue(Until) is { } until ? TimeOf(until) : null,
            },
            command.Cancellation);
        command.Report.Value(new JsonObject { ["name"] = name, ["isReleased"] = false }, $"The legal hold {name} is in force.");
        return ExitCode.Success;
    }

    public static async Task<int> HoldsAsync(VaultCommand command)
    {
        var holds = await (await command.OpenAsync()).ListLegalHoldsAsync(command.Cancellation);
        command.Report.Rows(
            [.. holds.Select(hold => JsonSerializer.SerializeToNode(hold, VaultJson.Default.LegalHold)!)],
            "There is no legal hold.",
            ("Name", row => row["name"]!.ToString()),
            ("On", row => row["scope"]!.ToString()),
            ("Source", row => row["source"]?.ToString() ?? ""),
            ("Stream", row => row["stream"]?.ToString() ?? ""),
            ("By", row => row["by"]!.ToString()),
            ("Why", row => row["why"]!.ToString()),
            ("Until", row => Listing.Time(row["until"])));
        return ExitCode.Success;
    }

    private static async Task<int> PlanAsync(VaultCommand command, BackupVault vault, ErasureRequest request)
    {
        var plan = await vault.PlanErasureAsync(request, command.Cancellation);
        foreach (var hold in plan.Holds) Console.Error.WriteLine($"listbackup: the legal hold {hold.Name} forbids it: {hold.Why}");
        command.Report.Value(JsonSerializer.SerializeToNode(plan, VaultJson.Default.ErasurePlan)!, $"{SumOf(plan.Streams, "would be erased")} Nothing was done; --yes erases, for good.");
        return plan.Holds.Count == 0 ? ExitCode.Success : ExitCode.NotProven;
    }

    private static string SumOf(IReadOnlyList<ErasedStream> streams, string verb) =>
        $"{streams.Sum(stream => stream.Records)} records with {streams.Sum(stream => stream.Versions)} versions {verb}; {streams.Sum(stream => stream.RewrittenVersions)} versions of their neighbours written again.";

    private static async Task<ErasureRequest> RequestOfAsync(VaultCommand command)
    {
        var records = new List<RecordAddress>();
        if (command.Parsed.GetValue(Keys) is { Length: > 0 } keys)
        {
            if (command.Parsed.GetValue(Source) is not { } source || command.Parsed.GetValue(Stream) is not { } stream) throw new CommandException("--key needs --source and --stream.");
            records.AddRange(keys.Select(key => new RecordAddress(source, stream, key)));
        }

        if (command.Parsed.GetValue(Records) is { } file)
        {
            await foreach (var line in File.ReadLinesAsync(file, command.Cancellation))
            {
                if (line.Length > 0) records.Add(AddressOf(line));
            }
        }

        return new ErasureRequest
        {
            Id = command.Parsed.GetRequiredValue(Id),
            Records = records,
            Identifiers = command.Parsed.GetValue(Identifiers) ?? [],
            By = command.Parsed.GetValue(By),
            Reason = command.Parsed.GetValue(Why),
        };
    }

    private static RecordAddress AddressOf(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, VaultJson.Default.RecordAddress) is { Source: not null, Stream: not null, Key: not null } address
                ? address
                : throw new CommandException("A line of --records lacks source, stream or key.");
        }
        catch (JsonException)
        {
            throw new CommandException("A line of --records is no JSON object.");
        }
    }

    private static DateTimeOffset TimeOf(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw new CommandException($"{text} is no time.");
}
