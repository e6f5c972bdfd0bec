using System.Text.Json.Nodes;
using ListBackup.Demo.Crm;
using ListBackup.Demo.Seeding;

namespace ListBackup.Demo.Api;

/// <summary>What is not a record: whose account this is, how much it holds, and what was deleted.</summary>
internal sealed class AccountEndpoints(CrmStore store, DemoPlatformOptions options)
{
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/account", AccountAsync);
        api.MapGet("/counts", CountsAsync);
        api.MapGet("/deleted", DeletedAsync);
    }

    public static JsonObject Counts(CrmStore store)
    {
        var counts = new JsonObject();
        foreach (var kind in RecordKinds.All) counts[RecordKinds.Plural(kind)] = store[kind].View(new ListFilter()).Count;
        counts["archived_contacts"] = store[RecordKind.Contact].View(new ListFilter(Archived: true)).Count;
        return counts;
    }

    private Task AccountAsync(HttpContext context) => Answers.JsonAsync(context, 200, new JsonObject
    {
        ["id"] = $"demo-{options.Seed}", ["name"] = "Demo CRM", ["user"] = options.UserEmail,
    });

    private Task CountsAsync(HttpContext context)
    {
        JsonObject counts;
        lock (store.Gate) counts = Counts(store);
        return Answers.JsonAsync(context, 200, counts);
    }

    /// <summary>Hard deletions of contacts, companies and notes, oldest first; since is inclusive.</summary>
    private Task DeletedAsync(HttpContext context)
    {
        var wanted = ApiQuery.Text(context, "object");
        var since = ApiQuery.Time(context, "since");
        var after = ApiQuery.Int(context, "cursor", 0);
        var limit = Math.Min(ApiQuery.Int(context, "limit", 50, min: 1), options.PageSizeMax);

        var data = new JsonArray();
        long? next = null;
        lock (store.Gate)
        {
            foreach (var deletion in store.Deletions.Skip(after))
            {
                if (since is not null && deletion.At < since) continue;
                if (wanted is not null && RecordKinds.Object(deletion.Kind) != wanted) continue;
                if (data.Count == limit)
                {
                    next = deletion.Sequence - 1;
                    break;
                }

                data.Add((JsonNode)Describe(deletion));
            }
        }

        return Answers.JsonAsync(context, 200, new JsonObject { ["data"] = data, ["next_cursor"] = next?.ToString() });
    }

    private static JsonObject Describe(Deletion deletion) => new()
    {
        ["object"] = RecordKinds.Object(deletion.Kind),
        ["id"] = RecordKinds.HasNumericId(deletion.Kind) ? deletion.Number : RecordKinds.IdText(deletion.Kind, deletion.Number),
        ["deleted_at"] = SeedRecords.Time(deletion.At),
        ["reason"] = deletion.Reason,
        ["merged_into"] = deletion.MergedInto,
    };
}
