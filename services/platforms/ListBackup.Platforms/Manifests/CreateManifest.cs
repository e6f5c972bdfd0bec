using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Stores a manifest that a customer brought. Only one that the engine accepts whole is stored.</summary>
public sealed class CreateManifest(IItemStore items, ActivityLog activities, ValidateManifest validate, TimeProvider clock)
{
    public async Task<ManifestView> RunAsync(Access access, NewManifest wanted, CancellationToken cancellation)
    {
        var name = Names.Check(wanted.Name, CustomerManifest.NameLengthMax);
        var verdict = validate.Run(wanted.Manifest);
        if (!verdict.Valid)
            throw Problem.Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["manifest"] = [.. verdict.Problems.Select(p => $"{p.Path}: {p.Reason}")] });

        var account = access.Account.Id;
        await RequireRoomAsync(account, cancellation);
        var manifest = new CustomerManifest
        {
            Id = ManifestId.New(clock),
            AccountId = account,
            Name = name,
            Version = LoadedConnector.VersionOf(wanted.Manifest),
            Packed = Packed(wanted.Manifest),
            CreatedAt = clock.GetUtcNow(),
            CreatedBy = access.Caller.UserId,
        };
        await items.PutAsync(ItemJson.Item(ConnectionKeys.Manifest(account, manifest.Id), manifest, ConnectionJson.Default.CustomerManifest), Condition.Absent, cancellation);
        await activities.AppendAsync(account, access.Caller.Actor(), "manifest.created", manifest.Id.ToString(), cancellation, ("name", name), ("version", manifest.Version));
        return ManifestView.Of(manifest);
    }

    private async Task RequireRoomAsync(AccountId account, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(
            new() { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = ConnectionKeys.ManifestSortPrefix, Limit = CustomerManifest.CountMax }, cancellation);
        if (page.Items.Count >= CustomerManifest.CountMax)
            throw Problem.Conflict($"An account keeps at most {CustomerManifest.CountMax} manifests. Delete one that is no longer used.", "too-many-manifests");
    }

    private static string Packed(string text)
    {
        var packed = CustomerManifest.Pack(text);
        return packed.Length <= ItemRules.BodyBytesMax - 4096
            ? packed
            : throw Problem.Invalid("manifest", "The manifest is too large to be stored even when it is packed. Leave schemas out that the platform can be asked for.");
    }
}
