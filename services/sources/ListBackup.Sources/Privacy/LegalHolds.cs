using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed class ListLegalHolds(AccountVaults vaults)
{
    public async Task<Ok<Page<LegalHoldView>>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var holds = await (await vaults.OpenAsync(http.GetAccess().Account.Id, cancellation)).ListLegalHoldsAsync(cancellation);
        return TypedResults.Ok(new Page<LegalHoldView>([.. holds.Select(LegalHoldView.Of)], null));
    }
}

/// <summary>Forbids to erase something, or everything. One in force under the same name is replaced.</summary>
public sealed class PlaceLegalHold(RunStore runs, AccountVaults vaults, ActivityLog activities)
{
    public async Task<Ok<LegalHoldView>> RunAsync(HttpContext http, string name, PlaceLegalHoldRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        if (name.Length > ErasureRules.NameMax) throw Problem.Invalid("name", $"Has 1 to {ErasureRules.NameMax} characters.");
        if (request.Stream is not null && request.SourceId is null) throw Problem.Invalid("stream", "Needs a sourceId.");
        if (request.Key is not null && request.Stream is null) throw Problem.Invalid("key", "Needs a stream.");
        if (request.SourceId is { } source) await runs.GetSourceAsync(access.Account.Id, source, cancellation);
        var hold = new LegalHold
        {
            Name = name,
            By = access.Caller.Actor,
            Why = ErasureRules.Reason(request.Reason),
            Source = request.SourceId?.ToString(),
            Stream = request.Stream,
            Key = request.Key,
            Identifier = request.Identifier is null ? null : Identifier.Parse(request.Identifier).Text,
            Until = request.Until,
        };
        var vault = await vaults.OpenAsync(access.Account.Id, cancellation);
        await ErasureRules.RefusingAsync(async () =>
        {
            await vault.PlaceLegalHoldAsync(hold, cancellation);
            return true;
        });
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "legal-hold.placed", name, cancellation);
        var placed = (await vault.ListLegalHoldsAsync(cancellation)).FirstOrDefault(known => known.Name == name) ?? hold;
        return TypedResults.Ok(LegalHoldView.Of(placed));
    }
}

public sealed class ReleaseLegalHold(AccountVaults vaults, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(HttpContext http, string name, string reason, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var vault = await vaults.OpenAsync(access.Account.Id, cancellation);
        if (name.Length > ErasureRules.NameMax || !await vault.ReleaseLegalHoldAsync(name, access.Caller.Actor, ErasureRules.Reason(reason), cancellation)) throw Problem.NotFound("The legal hold");
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "legal-hold.released", name, cancellation, ("reason", reason));
        return TypedResults.NoContent();
    }
}
