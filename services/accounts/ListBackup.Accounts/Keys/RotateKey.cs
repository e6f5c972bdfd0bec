using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>A new account key for what is wrapped from now on. No data is encrypted again.</summary>
public sealed class RotateKey(AccountKeyrings keyrings, IEnumerable<IAccountKeysListener> listeners, ActivityLog activities)
{
    public async Task<Ok<KeysAnswer>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var keyring = await keyrings.RotateAsync(access.Account.Id, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "key.rotated", keyring.Current, cancellation);
        foreach (var listener in listeners) await listener.KeysChangedAsync(access.Account.Id, cancellation);
        return TypedResults.Ok(KeysAnswer.Of(keyring));
    }
}
