using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Nothing new is wrapped for it; what was wrapped before stays in copies of the bucket that others hold.</summary>
public sealed class RemoveRecoveryKey(AccountKeyrings keyrings, IEnumerable<IAccountKeysListener> listeners, ActivityLog activities)
{
    public async Task<Ok<KeysAnswer>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var keyring = await keyrings.SetRecoveryAsync(access.Account.Id, null, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "recovery-key.removed", access.Account.Id.ToString(), cancellation);
        foreach (var listener in listeners) await listener.KeysChangedAsync(access.Account.Id, cancellation);
        return TypedResults.Ok(KeysAnswer.Of(keyring));
    }
}
