using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ListBackup.Demo.Seeding;

namespace ListBackup.Demo.Crm;

/// <summary>Companies, lists, notes and attachments: plain records without a history of their own.</summary>
internal sealed class RecordWrites(CrmStore store)
{
    /// <summary>Uploads are for people's documents, not for archives.</summary>
    public const int ContentBytesMax = 5 * 1024 * 1024;

    public Row Create(RecordKind kind, JsonObject body)
    {
        FieldRules.RefuseReadOnly(kind, body);
        Check(kind, body);

        var now = store.Now;
        var number = store[kind].NextNumber;
        var row = new Row
        {
            Number = number,
            Parent = kind == RecordKind.Note ? CrmJson.Number(body, "contact_id")!.Value : 0,
            Updated = now,
            Json = CrmJson.Write(FieldRules.Compose(kind, number, body, now)),
        };
        store.Insert(kind, row);
        return row;
    }

    public Row Update(RecordKind kind, long number, JsonObject changes)
    {
        FieldRules.RefuseReadOnly(kind, changes);
        var row = Get(kind, number);
        var record = CrmJson.Parse(store.Json(kind, row));
        if (kind == RecordKind.Note && changes.ContainsKey("contact_id") && CrmJson.Number(changes, "contact_id") != row.Parent)
        {
            throw ApiProblem.Invalid("A note stays with its contact.");
        }

        FieldRules.Merge(record, changes);
        Check(kind, record);
        row.Updated = store.Now;
        record["updated_at"] = SeedRecords.Time(row.Updated);
        store.Replace(kind, row, CrmJson.Write(record));
        return row;
    }

    /// <summary>A list takes its memberships along. A company does not: contacts keep the id of one that is gone.</summary>
    public void Delete(RecordKind kind, long number)
    {
        var row = Get(kind, number);
        if (kind == RecordKind.List) WipeList(number);
        store.Remove(kind, row, "deleted");
    }

    public int WipeList(long list)
    {
        var contacts = new ContactWrites(store);
        var members = store[RecordKind.Membership].Rows.Where(row => !row.Gone && row.Parent == list).ToList();
        foreach (var member in members)
        {
            MembershipWrites.Remove(store, member, contacts.Email(store[RecordKind.Contact].Find(member.Contact)!));
        }

        return members.Count;
    }

    public Row Attach(long contact, string fileName, string contentType, byte[] content)
    {
        if (store[RecordKind.Contact].Find(contact) is null) throw ApiProblem.Invalid("The contact of the attachment does not exist.");
        if (content.Length > ContentBytesMax) throw new ApiProblem(413, "too_large", $"An attachment has at most {ContentBytesMax} bytes.");

        var body = new JsonObject
        {
            ["contact_id"] = contact, ["file_name"] = fileName, ["content_type"] = contentType, ["size"] = content.Length,
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content)),
        };
        FieldRules.RequireText(body, "file_name", 255);
        var now = store.Now;
        var number = store[RecordKind.Attachment].NextNumber;
        var row = new Row
        {
            Number = number, Parent = contact, Updated = now, Content = content,
            Json = CrmJson.Write(FieldRules.Compose(RecordKind.Attachment, number, body, now)),
        };
        store.Insert(RecordKind.Attachment, row);
        return row;
    }

    private Row Get(RecordKind kind, long number) => store[kind].Find(number) ?? throw ApiProblem.NotFound(RecordKinds.Object(kind));

    private void Check(RecordKind kind, JsonObject record)
    {
        switch (kind)
        {
            case RecordKind.Company:
                FieldRules.RequireText(record, "name");
                FieldRules.RequireObjectOrNothing(record, "address");
                break;
            case RecordKind.List:
                FieldRules.RequireText(record, "name");
                break;
            case RecordKind.Note:
                FieldRules.RequireText(record, "body", 20_000);
                if (CrmJson.Number(record, "contact_id") is not { } contact || store[RecordKind.Contact].Find(contact) is null)
                {
                    throw new ApiProblem(422, "unknown_reference", "The contact of the note does not exist.");
                }

                break;
            default:
                throw ApiProblem.Invalid($"A {RecordKinds.Object(kind)} is not written this way.");
        }
    }
}
