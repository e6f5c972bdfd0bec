using System.Text.Json.Nodes;
using ListBackup.Demo.Seeding;

namespace ListBackup.Demo.Crm;

/// <summary>Who is on which list. Leaving a list is remembered by address, also after the membership is deleted.</summary>
internal sealed class MembershipWrites(CrmStore store)
{
    /// <summary>Creates or changes; true when it was created.</summary>
    public (Row Row, bool Created) Put(long list, long contact, JsonObject body)
    {
        FieldRules.RefuseReadOnly(RecordKind.Membership, body);
        if (store[RecordKind.List].Find(list) is null) throw ApiProblem.NotFound("list");
        var person = store[RecordKind.Contact].Find(contact) ?? throw ApiProblem.NotFound("contact");
        if ((body.ContainsKey("list_id") && CrmJson.Number(body, "list_id") != list)
            || (body.ContainsKey("contact_id") && CrmJson.Number(body, "contact_id") != contact))
        {
            throw ApiProblem.Invalid("The list_id and contact_id of a membership are those of its address.");
        }

        var status = FieldRules.RequireOneOf(body, "status", "subscribed", "unsubscribed", "pending");

        var existing = store[RecordKind.Membership].FindMembership(list, contact);
        var record = existing is null ? null : CrmJson.Parse(store.Json(RecordKind.Membership, existing));
        var email = new ContactWrites(store).Email(person);
        var previous = record is null ? null : CrmJson.Text(record, "status");
        var saidNo = previous is "unsubscribed" or "pending" || (previous is null && store.Suppressed.Contains(Address(list, email)));
        if (status == "subscribed" && saidNo)
        {
            throw ApiProblem.ConsentRequired("This address left the list. Set it to pending: its owner gets a double opt-in mail.");
        }

        if (record is null) return (Insert(store, list, contact, body), true);
        FieldRules.Merge(record, body);
        existing!.Updated = store.Now;
        record["updated_at"] = SeedRecords.Time(existing.Updated);
        store.Replace(RecordKind.Membership, existing, CrmJson.Write(record));
        return (existing, false);
    }

    public void Delete(long list, long contact)
    {
        var row = store[RecordKind.Membership].FindMembership(list, contact) ?? throw ApiProblem.NotFound("membership");
        Remove(store, row, new ContactWrites(store).Email(store[RecordKind.Contact].Find(contact)!));
    }

    public static Row Insert(CrmStore store, long list, long contact, JsonObject body)
    {
        var now = store.Now;
        var record = new JsonObject { ["list_id"] = list, ["contact_id"] = contact };
        foreach (var (name, value) in body)
        {
            if (name is not ("list_id" or "contact_id" or "updated_at")) record[name] = value?.DeepClone();
        }

        record["source"] ??= "api";
        record["joined_at"] ??= SeedRecords.Time(now);
        record["updated_at"] = SeedRecords.Time(now);
        var row = new Row
        {
            Number = store[RecordKind.Membership].NextNumber, Parent = list, Contact = contact, Updated = now, Json = CrmJson.Write(record),
        };
        store.Insert(RecordKind.Membership, row);
        return row;
    }

    public static void Remove(CrmStore store, Row row, string email)
    {
        var left = CrmJson.Text(CrmJson.Parse(store.Json(RecordKind.Membership, row)), "status") == "unsubscribed";
        store.Remove(RecordKind.Membership, row, "deleted", suppress: left ? Address(row.Parent, email) : null);
    }

    private static string Address(long list, string email) => $"{list}|{email}";
}
