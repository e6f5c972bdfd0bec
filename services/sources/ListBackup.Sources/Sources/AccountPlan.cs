using System.Globalization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Keeps an account, and every one that it lies below, within what their plans have room for. A plan's room is for its account with all below it.</summary>
public sealed class AccountPlan(IItemStore items, FleetReader fleet)
{
    private const string Code = "plan-limit";

    /// <summary>Refuses (409) one more source.</summary>
    public async Task RequireRoomForSourceAsync(Account account, CancellationToken cancellation)
    {
        await foreach (var limited in LimitedAsync(account, cancellation))
        {
            if (limited.Limits?.Sources is not { } most) continue;
            var sources = (await SourcesBelowAsync(limited, cancellation)).Count;
            if (sources >= most)
                throw Problem.Conflict($"{Whose(limited, account)} {Text(sources)} sources; the plan has room for {Text(most)}. Delete one, or ask who manages the account above.", Code);
        }
    }

    /// <summary>Why no run may begin; null: one may.</summary>
    public async Task<Reason?> RefusalAsync(AccountId id, CancellationToken cancellation)
    {
        if (await items.FindAsync(AccountKeys.Profile(id), AccessJson.Default.Account, cancellation) is not { Value: var account }) return null;
        await foreach (var limited in LimitedAsync(account, cancellation))
        {
            if (limited.Limits?.Records is not { } most) continue;
            var records = (await SourcesBelowAsync(limited, cancellation)).Sum(source => source.LastRecords ?? 0);
            if (records > most)
                return new(Code, $"{Whose(limited, account)} {Text(records)} records; the plan has room for {Text(most)}.", "Ask who manages the account above for more room. What is backed up stays, and can be restored.");
        }
        return null;
    }

    /// <summary>The account and those above it that have limits.</summary>
    private async IAsyncEnumerable<Account> LimitedAsync(Account account, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var id in account.Path)
        {
            var found = id == account.Id ? account : (await items.FindAsync(AccountKeys.Profile(id), AccessJson.Default.Account, cancellation))?.Value;
            if (found?.Limits is not null) yield return found;
        }
    }

    private async Task<IReadOnlyList<Source>> SourcesBelowAsync(Account top, CancellationToken cancellation)
    {
        var accounts = new HashSet<AccountId> { top.Id };
        await foreach (var below in fleet.AccountsAsync(top, after: null, cancellation)) accounts.Add(below.Id);
        var sources = new List<Source>();
        foreach (var id in accounts)
        {
            await foreach (var source in fleet.SourcesAsync(id, after: null, cancellation)) sources.Add(source);
        }
        return sources;
    }

    // Who reads it may have no role on the account above, and is not told its name.
    private static string Whose(Account limited, Account account) => limited.Id == account.Id ? "The account and those below it have" : "An account above this one has, with all below it,";

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
