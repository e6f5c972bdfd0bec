using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault search, deleted, browse, index.</summary>
internal static class VaultSearch
{
    private static readonly Argument<string[]> s_text = new("TEXT") { Description = "What to find; see 'Searching' in docs/guide/command-line.md.", Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string[]> s_anyText = new("TEXT") { Description = "Only records with this in their last content.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<bool> s_includeDeleted = new("--include-deleted") { Description = "Find records too that are no longer there." };
    private static readonly Option<bool> s_noIndex = new("--no-index") { Description = "Do not bring the index up to date before; without one every record is looked at." };
    private static readonly Option<int> s_limit = new("--limit") { Description = "Rows to print, 1 to 1,000.", DefaultValueFactory = _ => 50 };
    private static readonly Option<string?> s_cursor = new("--cursor") { Description = "Go on where the page before ended; it said with what." };
    private static readonly Option<bool> s_all = new("--all") { Description = "Print all pages." };
    private static readonly Option<string?> s_from = new("--from") { Description = "Only those that went at this time (UTC) or later." };
    private static readonly Option<string?> s_before = new("--before") { Description = "Only those that went before this time (UTC)." };
    private static readonly Option<string[]> s_where = new("--where") { Description = "FIELD=VALUE; also != ~ (contains) ^= (begins) > < and, for a field that is there, FIELD alone. May be given several times." };
    private static readonly Option<string?> s_contains = new("--contains") { Description = "Text that some value contains." };
    private static readonly Option<bool> s_fresh = new("--fresh") { Description = "Make it anew, whatever there is." };

    public static IEnumerable<Symbol> SearchSymbols => [VaultCommand.Source, VaultCommand.Stream, s_text, VaultCommand.At, s_includeDeleted, s_noIndex, s_limit, s_cursor, s_all];

    public static IEnumerable<Symbol> DeletedSymbols => [VaultCommand.Source, VaultCommand.Stream, s_anyText, VaultCommand.At, s_from, s_before, s_noIndex, s_limit, s_cursor, s_all];

    public static IEnumerable<Symbol> BrowseSymbols => [VaultCommand.Source, VaultCommand.Stream, VaultCommand.At, s_where, s_contains, s_limit, s_cursor, s_all];

    public static IEnumerable<Symbol> IndexSymbols => [VaultCommand.Source, VaultCommand.Stream, s_fresh];

    public static async Task<int> SearchAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        if (!command.Parsed.GetValue(s_noIndex)) await UpdateIndexAsync(command, vault);
        var scope = command.Parsed.GetValue(s_includeDeleted) ? SearchScope.All : SearchScope.Live;
        return await PrintAsync(command, vault, new SearchQuery { Text = TextOf(command.Parsed.GetRequiredValue(s_text)), Scope = scope });
    }

    public static async Task<int> DeletedAsync(VaultCommand command)
    {
        var (vault, text) = (await command.OpenAsync(), TextOf(command.Parsed.GetValue(s_anyText) ?? []));
        if (text.Length > 0 && !command.Parsed.GetValue(s_noIndex)) await UpdateIndexAsync(command, vault);
        var query = new SearchQuery
        {
            Text = text,
            Scope = SearchScope.Deleted,
            DeletedFrom = VaultTime.ParseOption("--from", command.Parsed.GetValue(s_from)),
            DeletedBefore = VaultTime.ParseOption("--before", command.Parsed.GetValue(s_before)),
        };
        return await PrintAsync(command, vault, query);
    }

    public static async Task<int> BrowseAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var snapshot = await vault.OpenSnapshotAsync(command.SourceId, await command.SeqAsync(vault), command.Cancellation);
        var query = new RecordQuery
        {
            Limit = command.Parsed.GetValue(s_limit),
            Cursor = command.Parsed.GetValue(s_cursor),
            Filters = [.. (command.Parsed.GetValue(s_where) ?? []).Select(FilterOf)],
            Contains = command.Parsed.GetValue(s_contains),
        };
        await using var output = new RecordOutput(command.Report.IsJson);
        for (var isMore = true; isMore;)
        {
            var page = await snapshot.QueryAsync(command.StreamName, query with { Limit = Math.Max(1, Missing(command, query.Limit, output.Count)) }, command.Cancellation);
            foreach (var record in page.Records) await output.WriteAsync(record.Key, record.Seq, record.Json, null, command.Cancellation);
            query = query with { Cursor = page.NextCursor };
            isMore = page.NextCursor is not null && Missing(command, query.Limit, output.Count) > 0;
        }

        Remark(output.Count, query.Cursor, "");
        return ExitCode.Success;
    }

    public static async Task<int> IndexAsync(VaultCommand command)
    {
        var report = await (await command.OpenAsync()).UpdateSearchIndexAsync(command.SourceId, command.StreamName, command.Parsed.GetValue(s_fresh), command.Cancellation);
        command.Report.Value(
            JsonSerializer.SerializeToNode(report, VaultJson.Default.SearchIndexReport)!,
            $"The index covers all snapshots up to {report.UpTo}: {report.Terms} terms in {report.Layers} layers of {report.Bytes} bytes; {report.Documents} record versions were read{(report.IsRebuilt ? ", all anew" : "")}.");
        return ExitCode.Success;
    }

    private static async Task UpdateIndexAsync(VaultCommand command, BackupVault vault)
    {
        try
        {
            await vault.UpdateSearchIndexAsync(command.SourceId, command.StreamName, isFresh: false, command.Cancellation);
        }
        catch (Exception exception) when (exception is ObjectStoreException or IOException || VaultBucket.RefusalOf(exception) is not null)
        {
            // A vault that may only be read is searched all the same.
            Console.Error.WriteLine($"listbackup: the search index was not brought up to date: {exception.Message}");
        }
    }

    private static async Task<int> PrintAsync(VaultCommand command, BackupVault vault, SearchQuery query)
    {
        var limit = command.Parsed.GetValue(s_limit);
        query = query with { Cursor = command.Parsed.GetValue(s_cursor), Seq = await command.SeqAsync(vault) };
        await using var output = new RecordOutput(command.Report.IsJson);
        SearchAccess access;
        do
        {
            var page = await vault.SearchAsync(command.SourceId, command.StreamName, query with { Limit = Missing(command, limit, output.Count) }, command.Cancellation);
            foreach (var hit in page.Hits) await output.WriteAsync(hit.Key, hit.Seq, hit.Json, hit.Deletion, command.Cancellation);
            (query, access) = (query with { Cursor = page.NextCursor, Seq = page.Seq }, page.Access);
        }
        while (query.Cursor is not null && Missing(command, limit, output.Count) > 0);

        Remark(output.Count, query.Cursor, access == SearchAccess.Scan && query.Text.Length > 0 ? " Without an index of this snapshot every record was looked at." : "");
        return ExitCode.Success;
    }

    /// <summary>How many rows the next page may have.</summary>
    private static int Missing(VaultCommand command, int limit, long printed) => command.Parsed.GetValue(s_all) ? 1_000 : (int)(limit - printed);

    private static void Remark(long count, string? cursor, string how) =>
        Console.Error.WriteLine($"listbackup: {count} record{(count == 1 ? "" : "s")}.{how}{(cursor is null ? "" : $" There may be more: --cursor {cursor}")}");

    // The shell took the quotes of "ada lovelace"; what has spaces was one argument, so it was meant together.
    private static string TextOf(IEnumerable<string> words) => string.Join(' ', words.Select(word =>
        word.Contains(' ') && !word.Contains('"') ? (word.IndexOf(':') is > 0 and var colon && !word.AsSpan(0, colon).Contains(' ') ? $"{word[..(colon + 1)]}\"{word[(colon + 1)..]}\"" : $"\"{word}\"") : word));

    private static FieldFilter FilterOf(string text)
    {
        foreach (var (sign, comparison) in s_signs)
        {
            var at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at > 0) return new FieldFilter(VaultBackup.PointerOf(text[..at]), comparison, text[(at + sign.Length)..]);
        }

        return new FieldFilter(VaultBackup.PointerOf(text), FieldComparison.Exists);
    }

    // The longer before those that they contain.
    private static readonly (string Sign, FieldComparison Comparison)[] s_signs =
    [
        ("!=", FieldComparison.NotEquals), ("^=", FieldComparison.StartsWith), ("~", FieldComparison.Contains),
        ("=", FieldComparison.Equals), (">", FieldComparison.GreaterThan), ("<", FieldComparison.LessThan),
    ];
}

/// <summary>Records on standard output: as the platform sent them, or with <c>--json</c> in an object of one line that says what the vault knows.</summary>
internal sealed class RecordOutput(bool isJson) : IAsyncDisposable
{
    private readonly BufferedStream _output = new(Console.OpenStandardOutput(), 256 * 1024);

    public long Count { get; private set; }

    public async ValueTask WriteAsync(string key, long seq, ReadOnlyMemory<byte> json, SearchDeletion? deletion, CancellationToken cancellation)
    {
        if (isJson) await WriteEnvelopeAsync(key, seq, json, deletion, cancellation);
        else if (deletion is null) await _output.WriteAsync(json, cancellation);
        else
        {
            await TextAsync($"{deletion.Seq} {deletion.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)} {Name(deletion)} {key} ", cancellation);
            await _output.WriteAsync(json, cancellation);
        }

        _output.WriteByte((byte)'\n');
        Count++;
    }

    public ValueTask DisposeAsync() => _output.DisposeAsync();

    private async ValueTask WriteEnvelopeAsync(string key, long seq, ReadOnlyMemory<byte> json, SearchDeletion? deletion, CancellationToken cancellation)
    {
        var envelope = new JsonObject { ["key"] = key, ["seq"] = seq };
        if (deletion is not null) envelope["deletion"] = new JsonObject { ["seq"] = deletion.Seq, ["time"] = deletion.Time.ToString("O"), ["operation"] = Name(deletion) };
        await TextAsync($"{envelope.ToJsonString()[..^1]},\"record\":", cancellation);
        // Outside its strings a line feed is white space, and inside there is none.
        var line = json.Span.IndexOfAny((byte)'\n', (byte)'\r') < 0 ? json : json.ToArray().Select(value => value is (byte)'\n' or (byte)'\r' ? (byte)' ' : value).ToArray();
        await _output.WriteAsync(line, cancellation);
        await TextAsync("}", cancellation);
    }

    private ValueTask TextAsync(string text, CancellationToken cancellation) => _output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellation);

    private static string Name(SearchDeletion deletion) => deletion.Operation.ToString().ToLowerInvariant();
}
