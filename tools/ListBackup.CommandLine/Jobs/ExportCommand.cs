using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>export.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string[]> Streams = new("streams") { Description = "Streams to export. Default: all.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<long?> At = new("--at") { Description = "Number of the snapshot. Default: the newest." };
    private static readonly Option<string> Format = new("--format") { Description = "ndjson, csv, xlsx, parquet or sqlite.", DefaultValueFactory = _ => "ndjson" };
    private static readonly Option<long?> From = new("--from") { Description = "Only what changed since the snapshot of that number." };
    private static readonly Option<bool> Masked = new("--masked") { Description = "Personal data as pseudonyms." };
    private static readonly Option<bool> Archive = new("--zip") { Description = "One archive of all files, with a manifest." };
    private static readonly Option<string[]> Filter = new("--filter") { Description = "Only records that match, such as /status:equals:subscribed. May be repeated." };
    private static readonly Option<string?> Q = new("--q") { Description = "Only records with this text in some value." };
    private static readonly Option<string> Output = new("--output") { Description = "Folder for the files; with one stream, the file itself, or '-' for standard output.", DefaultValueFactory = _ => "." };

    public static Command Build() => ApiCommand.Build("export", "Write a snapshot's records as files.", [SourceArgument.Source, Streams, At, From, Format, Masked, Archive, Filter, Q, Output], RunAsync);

    private static async Task<int> RunAsync(ApiCommand command)
    {
        var source = await SourceArgument.PathAsync(command);
        var streams = command.Parsed.GetValue(Streams) ?? [];
        var body = new JsonObject { ["seq"] = command.Parsed.GetValue(At) ?? await SourceArgument.NewestSnapshotAsync(command, source), ["format"] = command.Parsed.GetValue(Format) };
        if (streams.Length > 0) body["streams"] = new JsonArray([.. streams.Select(s => (JsonNode)s)]);
        if (command.Parsed.GetValue(From) is { } from) body["fromSeq"] = from;
        if (command.Parsed.GetValue(Masked)) body["mask"] = "pii";
        if (command.Parsed.GetValue(Archive)) body["archive"] = true;
        if (command.Parsed.GetValue(Filter) is { Length: > 0 } filters) body["filter"] = new JsonArray([.. filters.Select(f => (JsonNode)f)]);
        if (command.Parsed.GetValue(Q) is { } q) body["q"] = q;
        var job = await command.Api.PostAsync($"{source}/exports", body, command.Cancellation);
        job = await JobWatch.FollowAsync(command, $"{source}/jobs/{job["id"]}");
        if ((string?)job["state"] != "succeeded") throw new CommandException($"The export {job["state"]}: {job["reason"]?["message"]}");

        var files = job["export"]!["files"]!.AsArray();
        var output = command.Parsed.GetValue(Output)!; // Has a default.
        foreach (var file in files) await DownloadAsync(command, $"{source}/exports/{job["id"]}/files/{Uri.EscapeDataString((string)file!["name"]!)}", file, Target(output, (string)file["name"]!, files.Count));
        if (output != "-") command.Report.Value(job, string.Join('\n', files.Select(f => $"{f!["name"]}: {f["records"]} records, {f["bytes"]} bytes, SHA-256 {f["sha256"]}")));
        return ExitCode.Success;
    }

    private static string? Target(string output, string name, int count) => output switch
    {
        "-" when count == 1 => null,
        "-" => throw new CommandException("Standard output takes one stream; name it.", ExitCode.Usage),
        _ when count > 1 || Directory.Exists(output) => Path.Combine(Directory.CreateDirectory(output).FullName, name),
        _ => output,
    };

    /// <summary>Checks what arrives against the hash that the Host told; a file that does not fit is not kept.</summary>
    private static async Task DownloadAsync(ApiCommand command, string path, JsonNode file, string? target)
    {
        var link = await command.Api.PostAsync($"{path}/link", null, command.Cancellation);
        using var answer = await command.Api.SendRawAsync(HttpMethod.Get, ((string)link["url"]!).TrimStart('/'), null, HttpCompletionOption.ResponseHeadersRead, command.Cancellation);
        await using var content = await answer.Content.ReadAsStreamAsync(command.Cancellation);
        var partial = target is null ? null : target + ".partial";
        string hash;
        await using (var to = partial is null ? Console.OpenStandardOutput() : File.Create(partial)) hash = await CopyAsync(content, to, command.Cancellation);
        if (hash != (string?)file["sha256"]) throw new CommandException($"{file["name"]} arrived damaged: its SHA-256 is {hash}, not {file["sha256"]}.");
        if (partial is not null) File.Move(partial, target!, overwrite: true);
    }

    private static async Task<string> CopyAsync(Stream from, Stream to, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81920];
        for (int read; (read = await from.ReadAsync(buffer, cancellation)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
