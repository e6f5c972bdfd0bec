using System.Text.Json.Nodes;
using ListBackup.Demo.Seeding;

namespace ListBackup.Demo.Crm;

/// <summary>What happens to real CRMs on a bad day. Each does the same on every CRM with the same data, number and seed.</summary>
internal sealed class Disasters(CrmStore store)
{
    private readonly ContactWrites _contacts = new(store);

    /// <summary>Somebody cleans up. The contacts are gone for good, with everything that hangs on them.</summary>
    public int DeleteContacts(int count, int seed)
    {
        var chosen = Choose(count, seed);
        _contacts.Delete(chosen, "deleted");
        return chosen.Count;
    }

    /// <summary>A spreadsheet with shifted columns: names swapped, phones in scientific notation, money and tags lost.</summary>
    public int BadImport(int count, int seed)
    {
        var chosen = Choose(count, seed);
        foreach (var row in chosen)
        {
            var record = _contacts.Read(row);
            var first = record["first_name"]?.DeepClone();
            record["first_name"] = record["last_name"]?.DeepClone();
            record["last_name"] = first;
            record["phone"] = "4.93E+11";
            record["ltv"] = 0;
            record["tags"] = new JsonArray();
            if (record["custom_fields"] is JsonObject fields) fields["plan"] = "";
            _contacts.Save(row, record);
        }

        return chosen.Count;
    }

    public int WipeList(long list)
    {
        if (store[RecordKind.List].Find(list) is null) throw ApiProblem.NotFound("list");
        return new RecordWrites(store).WipeList(list);
    }

    /// <summary>People read mails and open pages: last_seen_at moves, updated_at does not. No disaster, but noise for a backup.</summary>
    public int Browse(int count, int seed)
    {
        var chosen = Choose(count, seed);
        foreach (var row in chosen)
        {
            var record = _contacts.Read(row);
            record["last_seen_at"] = SeedRecords.Time(store.Now);
            store.Replace(RecordKind.Contact, row, CrmJson.Write(record));
        }

        return chosen.Count;
    }

    private List<Row> Choose(int count, int seed)
    {
        var live = store[RecordKind.Contact].View(new ListFilter()).ToArray();
        var dice = Dice.For(seed, 400, 0);
        count = Math.Clamp(count, 0, live.Length);
        for (var i = 0; i < count; i++)
        {
            var other = i + dice.Below(live.Length - i);
            (live[i], live[other]) = (live[other], live[i]);
        }

        return [.. live[..count]];
    }
}
