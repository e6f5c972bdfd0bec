using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

/// <summary>A key never gives more than the person has: its scopes and accounts only take away.</summary>
public sealed class CreateApiKey(ApiKeys keys, AccountAccess accounts, People people, TimeProvider clock)
{
    private const int AccountsMax = 50;

    public async Task<Created<ApiKeyAnswer>> RunAsync(ApiKeyRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        var name = request.Name.Trim();
        if (name.Length is 0 or > ApiKey.NameLengthMax || name.Any(char.IsControl)) throw Problem.Invalid("name", $"Use 1 to {ApiKey.NameLengthMax} characters on one line.");
        var scopes = Scopes(request.Scopes);
        await RequireAccountsAsync(request.Accounts, http.GetCaller(), cancellation);
        if (request.ExpiresAt is { } end && end <= clock.GetUtcNow()) throw Problem.Invalid("expiresAt", "Choose a moment that is still to come.");
        if ((await keys.ListAsync(who.UserId, cancellation)).Count >= ApiKey.CountMax) throw Problem.Conflict($"You have {ApiKey.CountMax} API keys. Revoke one first.", "too-many-api-keys");

        var (key, text) = await keys.MakeAsync(who.UserId, name, scopes, request.Accounts, request.ExpiresAt, cancellation);
        await people.LogAsync(who.UserId, "api-key.created", cancellation, ("key", key.Id.ToString()), ("name", name), ("scopes", string.Join(' ', scopes)));
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, ApiKeyAnswer.Of(key, text));
    }

    private static IReadOnlyList<Permission> Scopes(IReadOnlyList<string> names)
    {
        if (names.Count == 0) throw Problem.Invalid("scopes", "Name at least one permission; see /v1/roles.");
        var scopes = new SortedSet<Permission>();
        foreach (var name in names)
        {
            // Parsing would take numbers and lists too.
            if (name is null || !Enum.GetNames<Permission>().Contains(name)) throw Problem.Invalid("scopes", $"There is no permission of that name; see /v1/roles.");
            scopes.Add(Enum.Parse<Permission>(name));
        }
        return [.. scopes];
    }

    private async Task RequireAccountsAsync(IReadOnlyList<AccountId>? wanted, Caller caller, CancellationToken cancellation)
    {
        if (wanted is null) return;
        if (wanted.Count is 0 or > AccountsMax) throw Problem.Invalid("accounts", $"Name 1 to {AccountsMax} accounts, or leave this out for all.");
        foreach (var account in wanted)
        {
            if (await accounts.FindAsync(caller, account, cancellation) is null) throw Problem.Invalid("accounts", $"There is no account {account}, or none that you can reach.");
        }
    }
}
