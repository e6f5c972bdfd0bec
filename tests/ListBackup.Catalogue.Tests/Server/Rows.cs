using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests;

/// <summary>Records in a fake: JSON objects in the order in which they were made.</summary>
public static class Rows
{
    /// <summary>A row from JSON text, in which large integers and decimals keep their spelling.</summary>
    public static JsonObject Row(string json) => JsonNode.Parse(json)!.AsObject();

    extension(JsonObject row)
    {
        /// <summary>A member as text, whatever its kind: <c>17</c>, <c>true</c>, <c>ann@example.com</c>; empty for null and for none.</summary>
        public string Text(string name) => row[name] is { } value ? value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : VendorAnswer.Text(value) : "";

        public JsonObject Copy() => row.DeepClone().AsObject();

        /// <summary>A copy with only these members.</summary>
        public JsonObject Only(params IReadOnlyList<string> names) => new(row.Where(member => names.Contains(member.Key)).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

        public JsonObject Without(params IReadOnlyList<string> names) => new(row.Where(member => !names.Contains(member.Key)).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

        /// <summary>A copy with one member more, or with another value.</summary>
        public JsonObject With(string name, JsonNode? value)
        {
            var copy = row.Copy();
            copy[name] = value?.DeepClone();
            return copy;
        }

        /// <summary>Takes over the members of another object, as a PATCH does.</summary>
        public void Merge(JsonObject changes)
        {
            foreach (var (name, value) in changes.ToList()) row[name] = value?.DeepClone();
        }
    }

    public static JsonObject? Find(this IEnumerable<JsonObject> rows, string name, string? text) => rows.FirstOrDefault(row => row.Text(name) == text);

    public static JsonArray ToJsonArray(this IEnumerable<JsonObject> rows) => new([.. rows.Select(row => (JsonNode?)row.DeepClone())]);

    public static IReadOnlyList<JsonObject> Page(this IEnumerable<JsonObject> rows, int offset, int count) => [.. rows.Skip(offset).Take(count)];
}
