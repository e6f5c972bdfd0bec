using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>
/// Finds a person in everything that an account keeps: in live and deleted records of every source, and in every snapshot, so that somebody whose address has changed since is found, too.
/// </summary>
public sealed class FindSubject(IItemStore items, AccountVaults vaults, ActivityLog activities, TimeProvider clock)
{
    private const int IdentifiersMax = 10;
    private const int HitsMax = 200;

    // An API gateway gives up after 29 seconds; the next page goes on from here.
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(15);

    public async Task<Ok<SubjectPageView>> RunAsync(HttpContext http, FindSubjectRequest request, CancellationToken cancellation)
    {
        if (request.Identifiers is not { Count: >= 1 and <= IdentifiersMax }) throw Problem.Invalid("identifiers", $"Give 1 to {IdentifiersMax} identifiers.");
        var access = http.GetAccess();
        var identifiers = request.Identifiers.Select(Identifier.Parse).ToList();
        var vault = await vaults.OpenAsync(access.Account.Id, cancellation);
        var sources = await SourcesAsync(access.Account.Id, request.Sources, cancellation);
        var search = new SubjectSearch(vault, identifiers, HitsMax, clock, clock.GetTimestamp() + (long)(TimeMax.TotalSeconds * clock.TimestampFrequency));

        var next = await search.RunAsync(sources, request.Cursor is null ? null : SubjectPlace.Parse(request.Cursor), cancellation);
        // Who was searched for is nobody's business in the log; that somebody was is.
        if (request.Cursor is null) await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "privacy.searched", "account", cancellation, ("identifiers", identifiers.Count.ToString()));
        return TypedResults.Ok(new SubjectPageView(search.Found, next?.ToCursor(), await ErasedAsync(vault, identifiers, cancellation)));
    }

    private async Task<IReadOnlyList<Source>> SourcesAsync(AccountId account, IReadOnlyList<SourceId>? wanted, CancellationToken cancellation)
    {
        var query = new ItemQuery { Table = Table.Sources, Partition = SourceKeys.Partition(account), SortPrefix = "SRC#", Limit = ItemQuery.LimitMax };
        var sources = new List<Source>();
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var source = ItemJson.Read(item, SourceItemsJson.Default.Source).Value;
            // A deleted source's vault is on its way out, and until then it holds people.
            if (wanted is null || wanted.Contains(source.Id)) sources.Add(source);
        }
        foreach (var id in wanted ?? [])
        {
            if (sources.TrueForAll(source => source.Id != id)) throw Problem.NotFound($"The source {id}");
        }
        return [.. sources.OrderBy(source => source.Id.ToString(), StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<string>> ErasedAsync(BackupVault vault, IReadOnlyList<Identifier> identifiers, CancellationToken cancellation)
    {
        var erased = new List<string>();
        foreach (var identifier in identifiers)
        {
            if (await vault.IsErasedIdentifierAsync(identifier.Text, cancellation)) erased.Add(identifier.Text);
        }
        return erased;
    }
}
