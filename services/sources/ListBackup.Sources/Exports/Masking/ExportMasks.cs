using System.Security.Cryptography;
using System.Text.Json.Serialization;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>The secret under which an account's pseudonyms are made, <c>ACC#id / MASK</c>: sealed by the account's keys, the same for as long as they are.</summary>
public sealed record MaskSecret(string Sealed);

/// <summary>Makes the masks of an account's exports.</summary>
public sealed class ExportMasks(IItemStore items, AccountEnvelope envelope, IFieldClasses classes)
{
    private const string Purpose = "export pseudonyms";
    private const int KeyBytes = 32;

    internal async Task<RecordMask> OfAsync(Source source, string stream, CancellationToken cancellation) =>
        new(await classes.OfAsync(source, stream, cancellation), new(await KeyAsync(source.AccountId, cancellation)));

    /// <summary>Not derived from the account's key, which is rotated: pseudonyms of last year's exports must fit those of this year's.</summary>
    private async Task<byte[]> KeyAsync(AccountId account, CancellationToken cancellation)
    {
        var key = SourceKeys.MaskSecret(account);
        if (await items.FindAsync(key, SourceItemsJson.Default.MaskSecret, cancellation) is not { } found)
        {
            var fresh = new MaskSecret(await envelope.SealAsync(account, Purpose, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)), cancellation));
            try
            {
                await items.PutAsync(ItemJson.Item(key, fresh, SourceItemsJson.Default.MaskSecret), Condition.Absent, cancellation);
            }
            catch (ConditionFailedException)
            {
                // Another export was first; its secret holds.
            }
            found = await items.FindAsync(key, SourceItemsJson.Default.MaskSecret, cancellation) ?? throw new InvalidOperationException($"The mask secret of {account} vanished while it was made.");
        }
        return Convert.FromHexString(await envelope.OpenAsync(account, Purpose, found.Value.Sealed, cancellation));
    }
}

[JsonConverter(typeof(JsonStringEnumConverter<ExportMask>))]
public enum ExportMask
{
    /// <summary>Everything as the platform sent it.</summary>
    [JsonStringEnumMemberName("none")] None,
    /// <summary>Personal data as pseudonyms that are the same in all exports of the account; sensitive data left out.</summary>
    [JsonStringEnumMemberName("pii")] Pii,
}
