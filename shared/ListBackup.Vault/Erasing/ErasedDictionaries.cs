using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Erasing;

/// <summary>
/// Looks for a person in the dictionaries of their streams. By the way they are made they hold nothing of one person; an erasure does not rely on it,
/// since they are sealed under a key that is not forgotten.
/// </summary>
internal sealed class ErasedDictionaries(VaultCore core, ErasureRequest request)
{
    private const string Purpose = "dictionary";

    /// <summary>How many were searched, by source and stream.</summary>
    /// <exception cref="VaultException">One holds the person; erasing would leave a copy.</exception>
    public async Task<IReadOnlyDictionary<(string Source, string Stream), long>> SearchAsync(CancellationToken cancellation)
    {
        var searched = new Dictionary<(string Source, string Stream), long>();
        foreach (var records in request.Records.GroupBy(record => (record.Source, record.Stream)))
        {
            // A key that is no address may be a word or a number that many records share.
            var texts = request.Identifiers.Concat(records.Select(record => record.Key).Where(key => key.Contains('@'))).Distinct(StringComparer.Ordinal).ToList();
            searched[records.Key] = await SearchAsync(ObjectNames.DictionariesOf(records.Key.Source, records.Key.Stream), texts, cancellation);
        }

        return searched;
    }

    private async Task<long> SearchAsync(string prefix, IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        var count = 0L;
        await foreach (var head in core.Objects.ListAsync(prefix, after: null, cancellation))
        {
            count++;
            var content = Encoding.UTF8.GetString(await OpenAsync(head.Name, cancellation));
            if (texts.Any(text => text.Length > 0 && content.Contains(text, StringComparison.OrdinalIgnoreCase)))
                throw new VaultException($"The dictionary {head.Name} holds an identifier or a key of the person. Nothing was erased: compact the stream without it first.");
        }

        return count;
    }

    private async Task<byte[]> OpenAsync(string name, CancellationToken cancellation)
    {
        var box = await core.Objects.ReadAsync(name, cancellation);
        try
        {
            return Sealed.Read(core.Secrets.DictionaryKey, Purpose, box);
        }
        catch (CryptographicException exception)
        {
            throw new VaultDamagedException(name, 0, "The dictionary does not open.", exception);
        }
    }
}
