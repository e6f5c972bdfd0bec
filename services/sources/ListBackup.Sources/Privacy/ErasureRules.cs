using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Turns requests of the privacy desk into the vault's.</summary>
internal static class ErasureRules
{
    private const int RecordsMax = 1_000;
    private const int IdentifiersMax = 10;
    public const int NameMax = 100;

    private const int IdMax = 100;
    private const int ReasonMax = 200;

    public static async Task<ErasureRequest> RequestAsync(RunStore runs, AccountId account, string by, EraseSubjectRequest request, CancellationToken cancellation)
    {
        if (request.Id is not { Length: >= 1 and <= IdMax }) throw Problem.Invalid("id", $"Has 1 to {IdMax} characters.");
        if (request.Records is not { Count: >= 1 and <= RecordsMax }) throw Problem.Invalid("records", $"Name 1 to {RecordsMax} records.");
        if (request.Identifiers?.Count > IdentifiersMax) throw Problem.Invalid("identifiers", $"At most {IdentifiersMax}.");
        if (request.Reason?.Length > ReasonMax) throw Problem.Invalid("reason", $"At most {ReasonMax} characters.");
        foreach (var source in request.Records.Select(record => record.SourceId).Distinct()) await runs.GetSourceAsync(account, source, cancellation);
        return new()
        {
            Id = request.Id,
            Records = [.. request.Records.Select(record => new RecordAddress(record.SourceId.ToString(), record.Stream, record.Key))],
            Identifiers = [.. (request.Identifiers ?? []).Select(identifier => Identifier.Parse(identifier).Text)],
            By = by,
            Reason = request.Reason,
        };
    }

    public static string Reason(string? reason) => reason?.Trim() is { Length: >= 1 and <= ReasonMax } given ? given : throw Problem.Invalid("reason", $"Has 1 to {ReasonMax} characters.");

    /// <summary>What the vault refuses, in the words of the API.</summary>
    public static async Task<T> RefusingAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (LegalHoldException held)
        {
            throw Problem.Conflict($"The legal hold {held.Hold} forbids it.", "legal-hold");
        }
        catch (VaultNotFoundException missing)
        {
            throw Problem.Conflict(missing.Message, "nothing-stored");
        }
        catch (CommitContendedException busy)
        {
            throw Problem.Conflict(busy.Message, "busy");
        }
        catch (ArgumentException wrong)
        {
            throw Problem.Invalid("records", wrong.Message);
        }
    }
}
