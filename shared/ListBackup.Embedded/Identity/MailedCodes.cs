using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>Codes that prove an address: bound to purpose and address, single use, expiring, and void after a few wrong guesses.</summary>
internal sealed class MailedCodes(IItemStore items, IssuerSecret secret, TimeProvider clock)
{
    public const string Confirm = "confirm";
    public const string Reset = "reset";

    /// <summary>A code counts this long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private const int GuessesMax = 5;

    /// <summary>Makes a code; the one before it is void.</summary>
    public async Task<string> MakeAsync(string purpose, string email, UserId user, CancellationToken cancellation)
    {
        var code = CodeText.New(CodeText.MailedSymbols);
        var stored = new MailedCode(user, await HashAsync(purpose, email, code, cancellation), 0);
        await items.PutAsync(
            ItemJson.Item(IdentityKeys.Code(purpose, email), stored, IdentityJson.Default.MailedCode, expiresAt: clock.GetUtcNow() + Lifetime), Condition.None, cancellation);
        return code;
    }

    /// <summary>Spends the code and returns whose it was; null when it is wrong, spent, expired or void.</summary>
    public async Task<UserId?> SpendAsync(string purpose, string email, string code, CancellationToken cancellation)
    {
        var key = IdentityKeys.Code(purpose, email);
        var hash = await HashAsync(purpose, email, CodeText.Normalize(code), cancellation);
        // Counted before it is compared: many guesses at the same moment are still only so many.
        var counted = await items.UpdateAsync(key, IdentityJson.Default.MailedCode, c => c with { Attempts = c.Attempts + 1 }, cancellation);
        if (counted is null || counted.Value.Attempts > GuessesMax) return null;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(counted.Value.Hash))) return null;
        try
        {
            await items.DeleteAsync(key, Condition.VersionIs(counted.Version), cancellation);
            return counted.Value.UserId;
        }
        catch (ConditionFailedException)
        {
            return null; // Spent, replaced or guessed at in the same moment. A new code can be asked for.
        }
    }

    public Task VoidAsync(string purpose, string email, CancellationToken cancellation) =>
        items.DeleteAsync(IdentityKeys.Code(purpose, email), Condition.None, cancellation);

    private async Task<string> HashAsync(string purpose, string email, string code, CancellationToken cancellation) =>
        Convert.ToHexStringLower(await secret.MacAsync("mailed-code", cancellation, purpose, EmailAddress.Normalize(email), code));
}

/// <summary>Codes that people read and type: Crockford base32, in groups of five, case and look-alikes forgiven.</summary>
internal static class CodeText
{
    /// <summary>50 bits: with five guesses in half an hour nobody finds one.</summary>
    public const int MailedSymbols = 10;

    /// <summary>100 bits: recovery codes live for years.</summary>
    public const int RecoverySymbols = 20;

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int GroupSymbols = 5;
    private const int TypedLengthMax = 64;

    public static string New(int symbols) => RandomNumberGenerator.GetString(Alphabet, symbols);

    /// <summary>As it is shown: <c>k3v9q-0xw7r</c>.</summary>
    public static string Show(string code) => string.Join('-', code.Chunk(GroupSymbols).Select(group => new string(group)));

    public static string Normalize(string typed)
    {
        var code = new StringBuilder();
        foreach (var c in typed.Length > TypedLengthMax ? "" : typed.ToLowerInvariant())
        {
            if (c is not ('-' or ' ')) code.Append(c switch { 'o' => '0', 'i' or 'l' => '1', _ => c });
        }
        return code.ToString();
    }
}
