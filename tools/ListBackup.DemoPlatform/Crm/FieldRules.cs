using System.Text.Json.Nodes;
using ListBackup.Demo.Seeding;

namespace ListBackup.Demo.Crm;

/// <summary>What the API accepts in a body, for each kind. Fields it has never heard of are kept: customers' integrations rely on it.</summary>
internal static class FieldRules
{
    private static readonly Dictionary<RecordKind, string[]> s_readOnly = new()
    {
        [RecordKind.Contact] = ["id", "created_at", "updated_at", "last_seen_at", "archived_at"],
        [RecordKind.Company] = ["id", "created_at", "updated_at"],
        [RecordKind.List] = ["id", "member_count", "created_at", "updated_at"],
        [RecordKind.Note] = ["id", "created_at", "updated_at"],
        [RecordKind.Membership] = ["updated_at"],
        [RecordKind.Attachment] = ["id", "contact_id", "size", "sha256", "download_url", "created_at", "updated_at"],
    };

    public static void RefuseReadOnly(RecordKind kind, JsonObject body)
    {
        foreach (var field in s_readOnly[kind])
        {
            if (body.ContainsKey(field)) throw new ApiProblem(422, "read_only_field", $"The field {field} is set by the platform.");
        }
    }

    public static string RequireText(JsonObject record, string field, int lengthMax = 1_000)
    {
        var text = CrmJson.Text(record, field);
        if (string.IsNullOrWhiteSpace(text)) throw ApiProblem.Invalid($"The field {field} is required and is text.");
        if (text.Length > lengthMax) throw ApiProblem.Invalid($"The field {field} has at most {lengthMax} characters.");
        return text;
    }

    public static string RequireOneOf(JsonObject record, string field, params ReadOnlySpan<string> allowed)
    {
        var text = CrmJson.Text(record, field);
        if (text is null || !allowed.Contains(text)) throw ApiProblem.Invalid($"The field {field} is one of {string.Join(", ", allowed!)}.");
        return text;
    }

    public static void RequireObjectOrNothing(JsonObject record, string field)
    {
        if (record[field] is not (null or JsonObject)) throw ApiProblem.Invalid($"The field {field} is an object.");
    }

    /// <summary>Nested objects are merged one level deep, everything else is replaced; null is a value.</summary>
    public static void Merge(JsonObject record, JsonObject changes)
    {
        foreach (var (name, value) in changes)
        {
            if (value is JsonObject nested && record[name] is JsonObject existing)
            {
                foreach (var (innerName, innerValue) in nested) existing[innerName] = innerValue?.DeepClone();
            }
            else
            {
                record[name] = value?.DeepClone();
            }
        }
    }

    /// <summary>The stored form of a new record: its id first, times last.</summary>
    public static JsonObject Compose(RecordKind kind, long number, JsonObject body, long now)
    {
        var record = new JsonObject
        {
            ["id"] = RecordKinds.HasNumericId(kind) ? number : RecordKinds.IdText(kind, number),
        };
        foreach (var (name, value) in body) record[name] = value?.DeepClone();
        record["created_at"] = SeedRecords.Time(now);
        record["updated_at"] = SeedRecords.Time(now);
        return record;
    }
}
