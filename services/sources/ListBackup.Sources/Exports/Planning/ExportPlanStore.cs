using System.Security.Cryptography;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Plans and their deliveries as items.</summary>
public sealed class ExportPlanStore(IItemStore items, AccountEnvelope envelope)
{
    private const int PlansMax = 20;

    public IItemStore Items => items;

    public static Item ItemOf(ExportPlan plan) =>
        ItemJson.Item(SourceKeys.ExportPlan(plan.SourceId, plan.Id), plan, SourceItemsJson.Default.ExportPlan, plan.DueIndex);

    public Task<Stored<ExportPlan>?> FindAsync(SourceId source, ExportPlanId plan, CancellationToken cancellation) =>
        items.FindAsync(SourceKeys.ExportPlan(source, plan), SourceItemsJson.Default.ExportPlan, cancellation);

    public async Task<Stored<ExportPlan>> GetAsync(SourceId source, ExportPlanId plan, CancellationToken cancellation) =>
        await FindAsync(source, plan, cancellation) ?? throw Problem.NotFound("The export plan");

    public Task<Stored<ExportPlan>?> UpdateAsync(SourceId source, ExportPlanId plan, Func<ExportPlan, ExportPlan?> change, CancellationToken cancellation) =>
        items.UpdateAsync(SourceKeys.ExportPlan(source, plan), SourceItemsJson.Default.ExportPlan, change, cancellation, p => p.DueIndex);

    /// <summary>All plans of a source; there are few.</summary>
    public async Task<IReadOnlyList<ExportPlan>> OfAsync(SourceId source, CancellationToken cancellation)
    {
        var plans = new List<ExportPlan>();
        var query = new ItemQuery { Table = Table.Sources, Partition = SourceKeys.Partition(source), SortPrefix = SourceKeys.ExportPlanPrefix, Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(query, cancellation)) plans.Add(ItemJson.Read(item, SourceItemsJson.Default.ExportPlan).Value);
        return plans;
    }

    public async Task<long> AddAsync(ExportPlan plan, CancellationToken cancellation)
    {
        if ((await OfAsync(plan.SourceId, cancellation)).Count >= PlansMax) throw Problem.Conflict($"A source has at most {PlansMax} export plans.", "too-many-export-plans");
        return (await items.PutAsync(ItemOf(plan), Condition.Absent, cancellation)).Version;
    }

    /// <summary>Bound to the plan: moved to another it does not open.</summary>
    public Task<string> SealAsync(ExportPlan plan, string secret, CancellationToken cancellation) => envelope.SealAsync(plan.AccountId, Purpose(plan), secret, cancellation);

    /// <exception cref="DestinationException">It cannot be opened any more.</exception>
    public async Task<string> SecretAsync(ExportPlan plan, CancellationToken cancellation)
    {
        if (plan.SealedSecret is not { } text) return "";
        try
        {
            return await envelope.OpenAsync(plan.AccountId, Purpose(plan), text, cancellation);
        }
        catch (CryptographicException lost)
        {
            throw new DestinationException("The secret of the bucket cannot be read any more. Set it again.", isFinal: true, lost);
        }
    }

    public Task PutAsync(SourceId source, ExportDelivery delivery, CancellationToken cancellation) =>
        items.PutAsync(ItemJson.Item(SourceKeys.Delivery(source, delivery.PlanId, delivery.JobId), delivery, SourceItemsJson.Default.ExportDelivery), Condition.None, cancellation);

    /// <summary>Newest first.</summary>
    public async IAsyncEnumerable<ExportDelivery> DeliveriesAsync(
        SourceId source, ExportPlanId plan, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = new ItemQuery { Table = Table.Sources, Partition = SourceKeys.Partition(source), SortPrefix = SourceKeys.DeliveryPrefix(plan), Descending = true };
        await foreach (var item in items.AllAsync(query, cancellation)) yield return ItemJson.Read(item, SourceItemsJson.Default.ExportDelivery).Value;
    }

    private static string Purpose(ExportPlan plan) => $"export plan {plan.Id}";
}
