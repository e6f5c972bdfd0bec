using System.Globalization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Keeps an account within what its plan has room for.</summary>
public sealed class AccountPlan(IItemStore items)
{
    private const string Code = "plan-limit";

    /// <summary>Refuses (409) one more source.</summary>
    public async Task RequireRoomForSourceAsync(Account account, CancellationToken cancellation)
    {
        if (account.Limits?.Sources is not { } most) return;
        var sources = (await SourcesAsync(items, account.Id, cancellation)).Count(source => source.DeletedAt is null);
        if (sources >= most) throw Problem.Conflict($"The account has {Text(sources)} sources; its plan has room for {Text(most)}. Delete one, or ask who manages the account above.", Code);
    }

    /// <summary>Why no run may begin; null: one may.</summary>
    public async Task<Reason?> RefusalAsync(AccountId account, CancellationToken cancellation)
    {
        if (await items.FindAsync(AccountKeys.Profile(account), AccessJson.Default.Account, cancellation) is not { Value.Limits.Records: { } most }) return null;
        var records = RecordsOf(await SourcesAsync(items, account, cancellation));
        return records <= most ? null : new(Code, $"The account's sources hold {Text(records)} records; its plan has room for {Text(most)}.",
            "Ask who manages the account above for more room. What is backed up stays, and can be restored.");
    }

    internal static async Task<IReadOnlyList<Source>> SourcesAsync(IItemStore items, AccountId account, CancellationToken cancellation)
    {
        var sources = new List<Source>();
        await foreach (var item in items.AllAsync(SourceKeys.SourcesOf(account), cancellation)) sources.Add(ItemJson.Read(item, SourceItemsJson.Default.Source).Value);
        return sources;
    }

    internal static long RecordsOf(IEnumerable<Source> sources) => sources.Where(source => source.DeletedAt is null).Sum(source => source.LastRecords ?? 0);

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
