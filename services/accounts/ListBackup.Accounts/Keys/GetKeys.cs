using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class GetKeys(AccountKeyrings keyrings)
{
    public async Task<Ok<KeysAnswer>> RunAsync(HttpContext http, CancellationToken cancellation) =>
        TypedResults.Ok(KeysAnswer.Of(await keyrings.GetOrCreateAsync(http.GetAccess().Account.Id, cancellation)));
}
