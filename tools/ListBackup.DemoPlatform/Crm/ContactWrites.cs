using System.Text.Json.Nodes;
using ListBackup.Demo.Seeding;

namespace ListBackup.Demo.Crm;

/// <summary>
/// What can be done to contacts. Consent is never weakened: nobody who said no is subscribed again without their own click on a
/// double opt-in mail (status <c>pending</c>), not even after the contact was deleted.
/// </summary>
internal sealed class ContactWrites(CrmStore store)
{
    public Row Create(JsonObject body)
    {
        FieldRules.RefuseReadOnly(RecordKind.Contact, body);
        var record = (JsonObject)body.DeepClone();
        record["subscription_status"] ??= "pending";
        record["tags"] ??= new JsonArray();
        record["custom_fields"] ??= new JsonObject();
        record["last_seen_at"] = null;
        record["archived"] ??= false;
        record["archived_at"] = IsArchived(record) ? SeedRecords.Time(store.Now) : null;
        var email = Check(record);
        if (store.FindContactByEmail(email) is { } existing)
        {
            throw new ApiProblem(409, "email_exists", "A contact with this e-mail address exists.") { ExistingId = existing.ToString() };
        }

        CheckConsent(record, previous: null, suppressed: store.Suppressed.Contains(email));

        var now = store.Now;
        var number = store[RecordKind.Contact].NextNumber;
        var row = new Row
        {
            Number = number, Updated = now, Archived = IsArchived(record),
            Json = CrmJson.Write(FieldRules.Compose(RecordKind.Contact, number, record, now)),
        };
        store.Insert(RecordKind.Contact, row, email);
        return row;
    }

    public Row Update(long number, JsonObject changes)
    {
        FieldRules.RefuseReadOnly(RecordKind.Contact, changes);
        var row = Get(number);
        var record = Read(row);
        var emailBefore = CrmJson.Text(record, "email")!;
        var statusBefore = CrmJson.Text(record, "subscription_status");
        FieldRules.Merge(record, changes);
        var email = Check(record);
        if (store.FindContactByEmail(email) is { } other && other != number)
        {
            throw new ApiProblem(409, "email_exists", "Another contact has this e-mail address.") { ExistingId = other.ToString() };
        }

        var isNewAddress = !string.Equals(email, emailBefore, StringComparison.OrdinalIgnoreCase);
        CheckConsent(record, statusBefore, suppressed: isNewAddress && store.Suppressed.Contains(email));

        SetArchived(row, record, IsArchived(record));
        return Save(row, record, (emailBefore, email));
    }

    public Row Archive(long number, bool archived)
    {
        var row = Get(number);
        if (row.Archived == archived) return row;
        var record = Read(row);
        SetArchived(row, record, archived);
        return Save(row, record);
    }

    public void Delete(long number) => Delete([Get(number)], "deleted");

    /// <summary>With a contact go its memberships, notes and attachments; only the contact and the notes reach the deletions log.</summary>
    public void Delete(IReadOnlyCollection<Row> contacts, string reason, long? mergedInto = null)
    {
        var numbers = contacts.Select(row => row.Number).ToHashSet();
        var emails = contacts.ToDictionary(row => row.Number, Email);
        foreach (var row in store[RecordKind.Membership].Rows.Where(row => !row.Gone && numbers.Contains(row.Contact)).ToList())
        {
            MembershipWrites.Remove(store, row, emails[row.Contact]);
        }

        foreach (var kind in new[] { RecordKind.Note, RecordKind.Attachment })
        {
            foreach (var row in store[kind].Rows.Where(row => !row.Gone && numbers.Contains(row.Parent)).ToList())
            {
                store.Remove(kind, row, "contact_deleted");
            }
        }

        foreach (var row in contacts)
        {
            var said = CrmJson.Text(Read(row), "subscription_status");
            var suppress = said is "unsubscribed" or "bounced" ? emails[row.Number] : null;
            store.Remove(RecordKind.Contact, row, reason, emails[row.Number], mergedInto, suppress);
        }
    }

    /// <summary>The loser's memberships go to the winner where it has none; notes and attachments go with the loser.</summary>
    public Row Merge(long loser, long winner)
    {
        if (loser == winner) throw ApiProblem.Invalid("A contact cannot be merged into itself.");
        var kept = Get(winner);
        var memberships = store[RecordKind.Membership];
        foreach (var row in memberships.Rows.Where(row => !row.Gone && row.Contact == loser).ToList())
        {
            if (memberships.FindMembership(row.Parent, winner) is not null) continue;
            var record = CrmJson.Parse(store.Json(RecordKind.Membership, row));
            MembershipWrites.Insert(store, row.Parent, winner, record);
        }

        Delete([Get(loser)], "merged", winner);
        return Save(kept, Read(kept));
    }

    public string Email(Row row) => CrmJson.Text(Read(row), "email")!;

    public JsonObject Read(Row row) => CrmJson.Parse(store.Json(RecordKind.Contact, row));

    public Row Save(Row row, JsonObject record, (string, string)? email = null)
    {
        row.Updated = store.Now;
        record["updated_at"] = SeedRecords.Time(row.Updated);
        store.Replace(RecordKind.Contact, row, CrmJson.Write(record), email);
        return row;
    }

    private Row Get(long number) => store[RecordKind.Contact].Find(number) ?? throw ApiProblem.NotFound("contact");

    private void SetArchived(Row row, JsonObject record, bool archived)
    {
        if (row.Archived == archived) return;
        row.Archived = archived;
        record["archived"] = archived;
        record["archived_at"] = archived ? SeedRecords.Time(store.Now) : null;
    }

    private static bool IsArchived(JsonObject record) => record["archived"]?.GetValueKind() == System.Text.Json.JsonValueKind.True;

    private string Check(JsonObject record)
    {
        var email = FieldRules.RequireText(record, "email", 254);
        if (email.IndexOf('@') is < 1 || email.Any(char.IsWhiteSpace)) throw ApiProblem.Invalid("The field email is an e-mail address.");
        FieldRules.RequireOneOf(record, "subscription_status", "subscribed", "unsubscribed", "bounced", "pending");
        FieldRules.RequireObjectOrNothing(record, "custom_fields");
        if (record["archived"] is not JsonValue flag || !flag.TryGetValue<bool>(out _)) throw ApiProblem.Invalid("The field archived is true or false.");
        if (record["tags"] is not JsonArray) throw ApiProblem.Invalid("The field tags is a list.");
        return email;
    }

    private static void CheckConsent(JsonObject record, string? previous, bool suppressed)
    {
        var status = CrmJson.Text(record, "subscription_status");
        if (status != "subscribed" || previous == "subscribed") return;
        if (suppressed || previous is "unsubscribed" or "bounced")
        {
            throw ApiProblem.ConsentRequired("This address unsubscribed or bounced. Set it to pending: its owner gets a double opt-in mail.");
        }

        if (previous == "pending") throw ApiProblem.ConsentRequired("Only the link in the double opt-in mail makes a pending contact subscribed.");
        if (CrmJson.Text(record, "opt_in_at") is null || CrmJson.Text(record, "opt_in_ip") is null)
        {
            throw new ApiProblem(422, "consent_evidence_missing", "A subscribed contact needs opt_in_at and opt_in_ip.");
        }
    }
}
