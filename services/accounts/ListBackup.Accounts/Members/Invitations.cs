using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>Finds an invitation for the person it was sent to.</summary>
public sealed class Invitations(IItemStore items)
{
    private const int GuessesMax = 5;

    public static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    /// <summary>The invitation, proven by its code. Whose address it was not sent to does not find it at all.</summary>
    /// <exception cref="Problem">NotFound; Invalid <c>code</c>.</exception>
    public async Task<Stored<Invitation>> ProveAsync(User user, InvitationId id, string code, CancellationToken cancellation)
    {
        var index = AccountItemKeys.InvitationIndex(user.Email, id);
        var page = await items.QueryAsync(new() { Table = Table.Accounts, ByIndex = true, Partition = index.Partition, SortFrom = index.Sort, SortTo = index.Sort, Limit = 1 }, cancellation);
        if (page.Items is not [var found]) throw Problem.NotFound("The invitation");

        // Counted before it is compared, so that guessing in parallel gives no more guesses.
        var counted = await items.UpdateAsync(found.Key, AccountItemJson.Default.Invitation, i => i with { Attempts = i.Attempts + 1 }, cancellation)
            ?? throw Problem.NotFound("The invitation");
        if (counted.Value.Attempts > GuessesMax) throw Problem.NotFound("The invitation");
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(code.Trim())), Encoding.ASCII.GetBytes(counted.Value.CodeHash)))
            throw Problem.Invalid("code", "The code is wrong. Open the link in the invitation again.");
        return counted;
    }

    public async Task<IReadOnlyList<Invitation>> OfUserAsync(User user, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(
            new() { Table = Table.Accounts, ByIndex = true, Partition = $"EMAIL#{EmailAddress.Hash(user.Email)}", SortPrefix = "INVITE#", Limit = 100 }, cancellation);
        return [.. page.Items.Select(i => ItemJson.Read(i, AccountItemJson.Default.Invitation).Value)];
    }
}
