using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Sources, runs and their parts as items, with the transitions that more than one use case makes.</summary>
public sealed class RunStore(IItemStore items, TimeProvider clock)
{
    /// <summary>How long a live run may show no sign of life before the sweeper sends its messages again.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(5);

    public IItemStore Items => items;

    public DateTimeOffset Now => clock.GetUtcNow();

    public Task<Stored<Source>?> FindSourceAsync(AccountId account, SourceId source, CancellationToken cancellation) =>
        items.FindAsync(SourceKeys.Source(account, source), SourceItemsJson.Default.Source, cancellation);

    /// <summary>The source, or a refusal when there is none, it was deleted, or it is another account's.</summary>
    public async Task<Stored<Source>> GetSourceAsync(AccountId account, SourceId source, CancellationToken cancellation) =>
        await FindSourceAsync(account, source, cancellation) is { Value.DeletedAt: null } found ? found : throw Problem.NotFound("The source");

    public Task<Stored<Run>?> FindRunAsync(SourceId source, RunId run, CancellationToken cancellation) =>
        items.FindAsync(SourceKeys.Run(source, run), SourceItemsJson.Default.Run, cancellation);

    public Task<Stored<RunPart>?> FindPartAsync(SourceId source, RunId run, string stream, CancellationToken cancellation) =>
        items.FindAsync(SourceKeys.Part(source, run, stream), SourceItemsJson.Default.RunPart, cancellation);

    public async Task<IReadOnlyList<Stored<RunPart>>> PartsAsync(SourceId source, RunId run, CancellationToken cancellation)
    {
        var query = new ItemQuery { Table = Table.Sources, Partition = SourceKeys.Partition(source), SortPrefix = SourceKeys.PartPrefix(run), Limit = ItemQuery.LimitMax };
        var parts = new List<Stored<RunPart>>();
        await foreach (var item in items.AllAsync(query, cancellation)) parts.Add(ItemJson.Read(item, SourceItemsJson.Default.RunPart));
        return parts;
    }

    public Task<Stored<Source>?> UpdateSourceAsync(AccountId account, SourceId source, Func<Source, Source?> change, CancellationToken cancellation) =>
        items.UpdateAsync(SourceKeys.Source(account, source), SourceItemsJson.Default.Source, change, cancellation, s => s.DueIndex);

    public Task<Stored<Run>?> UpdateRunAsync(SourceId source, RunId run, Func<Run, Run?> change, CancellationToken cancellation) =>
        items.UpdateAsync(SourceKeys.Run(source, run), SourceItemsJson.Default.Run, change, cancellation, LiveIndex);

    /// <summary>Notes on the run that the customer's daily ceiling holds it. Its streams all meet it; the first one's word is enough.</summary>
    public Task<Stored<Run>?> HoldAsync(Run run, PlatformDailyCeilingException held, CancellationToken cancellation) => UpdateRunAsync(run.SourceId, run.Id, r => r.HasEnded || r.HeldUntil >= held.Ceiling.Until
        ? null
        : (r with { HeldUntil = held.Ceiling.Until }).Logged(Now, held.Message), cancellation);

    public Task<Stored<RunPart>?> UpdatePartAsync(RunPart part, Func<RunPart, RunPart?> change, CancellationToken cancellation) =>
        items.UpdateAsync(SourceKeys.Part(part.SourceId, part.RunId, part.Stream), SourceItemsJson.Default.RunPart, change, cancellation);

    public Item RunItem(Run run) => ItemJson.Item(SourceKeys.Run(run.SourceId, run.Id), run, SourceItemsJson.Default.Run, LiveIndex(run));

    public static Item SourceItem(Source source) =>
        ItemJson.Item(SourceKeys.Source(source.AccountId, source.Id), source, SourceItemsJson.Default.Source, source.DueIndex);

    public static Item PartItem(RunPart part) =>
        ItemJson.Item(SourceKeys.Part(part.SourceId, part.RunId, part.Stream), part, SourceItemsJson.Default.RunPart);

    /// <summary>A run stays under the sweeper's eyes until its last step, the activity, is done.</summary>
    private IndexKey? LiveIndex(Run run) => run.HasEnded && run.IsNoted ? null : SourceKeys.Live(Now + SilenceMax, $"{run.AccountId}#{run.SourceId}#{run.Id}");
}
