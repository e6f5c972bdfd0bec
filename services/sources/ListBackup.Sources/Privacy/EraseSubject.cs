using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>What an erasure would do; nothing is done.</summary>
public sealed class PlanErasure(RunStore runs, AccountVaults vaults)
{
    public async Task<Ok<ErasurePlanView>> RunAsync(HttpContext http, EraseSubjectRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var asked = await ErasureRules.RequestAsync(runs, access.Account.Id, access.Caller.Actor, request, cancellation);
        var vault = await vaults.OpenAsync(access.Account.Id, cancellation);
        var plan = await ErasureRules.RefusingAsync(() => vault.PlanErasureAsync(asked, cancellation));
        return TypedResults.Ok(new ErasurePlanView([.. plan.Streams.Select(ErasedStreamView.Of)], [.. plan.Holds.Select(LegalHoldView.Of)]));
    }
}

/// <summary>
/// Erases a person. It runs within the request, so that nothing about the person has to wait anywhere in plain; when the connection is cut, the same request completes it.
/// </summary>
public sealed class EraseSubject(RunStore runs, AccountVaults vaults, ActivityLog activities)
{
    public async Task<Ok<ErasureView>> RunAsync(HttpContext http, EraseSubjectRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var asked = await ErasureRules.RequestAsync(runs, access.Account.Id, access.Caller.Actor, request, cancellation);
        var vault = await vaults.OpenAsync(access.Account.Id, cancellation);
        var receipt = await ErasureRules.RefusingAsync(() => vault.EraseAsync(asked, cancellation));
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "privacy.erased", "account", cancellation,
            ("request", request.Id), ("records", receipt.Streams.Sum(stream => stream.Records).ToString()), ("receipt", receipt.Sha256));
        return TypedResults.Ok(ErasureView.Of(receipt));
    }
}

public sealed class ListErasures(AccountVaults vaults)
{
    public async Task<Ok<ErasuresView>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var vault = await vaults.OpenAsync(http.GetAccess().Account.Id, cancellation);
        var receipts = await vault.ListErasuresAsync(cancellation);
        return TypedResults.Ok(new ErasuresView([.. receipts.Select(ErasureView.Of)], await vault.ListUnfinishedErasuresAsync(cancellation)));
    }
}

/// <summary>The receipt as it was signed: line 1 is what was signed, line 2 the signature. Whoever has the vault's public key checks it with openssl.</summary>
public sealed class GetErasureReceipt(AccountVaults vaults, IObjectStores stores)
{
    public async Task<FileContentHttpResult> RunAsync(HttpContext http, string id, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        var receipts = await (await vaults.OpenAsync(account, cancellation)).ListErasuresAsync(cancellation);
        var receipt = receipts.FirstOrDefault(known => known.Request == id) ?? throw Problem.NotFound("The erasure");
        return TypedResults.File(await stores.Bucket(AccountVaults.BucketOf(account)).ReadAsync(receipt.Object, cancellation), "text/plain; charset=utf-8", "receipt.txt");
    }
}
