using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>What can be written, and how.</summary>
/// <param name="One">Where a single record is read, when not below the list.</param>
public sealed record HighLevelResource(string Stream, string Path, string One, string Single, string? Parent, IReadOnlyList<string> Creatable, IReadOnlyList<string> Changeable);

public static class HighLevelWrites
{
    private const string Location = "locations/" + HighLevelFake.Location;

    private static readonly string[] Contact =
        ["firstName", "lastName", "email", "phone", "address1", "city", "state", "postalCode", "country", "website", "timezone", "companyName", "source", "dateOfBirth", "assignedTo", "tags", "customFields", "dnd", "dndSettings", "inboundDndSettings"];

    private static readonly string[] Task = ["title", "body", "dueDate", "completed", "assignedTo"];
    private static readonly string[] Opportunity = ["pipelineId", "pipelineStageId", "name", "status", "monetaryValue", "assignedTo", "customFields"];

    public static readonly IReadOnlyList<HighLevelResource> All =
    [
        new("tags", $"{Location}/tags", $"{Location}/tags", "tag", null, ["name"], ["name"]),
        new("custom_fields", $"{Location}/customFields", $"{Location}/customFields", "customField", null, ["name", "dataType", "placeholder", "position", "model", "options"], ["name", "placeholder", "position", "options"]),
        new("custom_values", $"{Location}/customValues", $"{Location}/customValues", "customValue", null, ["name", "value"], ["name", "value"]),
        new("contacts", "contacts", "contacts", "contact", null, ["locationId", .. Contact], Contact),
        new("notes", "contacts/{parent}/notes", "contacts/{parent}/notes", "note", "contactId", ["body", "userId", "title"], ["body", "userId", "title"]),
        new("tasks", "contacts/{parent}/tasks", "contacts/{parent}/tasks", "task", "contactId", Task, Task),
        new("opportunities", "opportunities", "opportunities", "opportunity", null, ["locationId", "contactId", "source", .. Opportunity], Opportunity),
        new("trigger_links", "links", "links/id", "link", null, ["locationId", "name", "redirectTo"], ["name", "redirectTo"]),
    ];

    /// <summary>What was written, as it is read afterwards: a field's value has another name.</summary>
    public static JsonObject Read(string stream, JsonObject sent)
    {
        var row = sent.Copy();
        if (row["options"] is { } options)
        {
            row.Remove("options");
            row["picklistOptions"] = options.DeepClone();
        }

        foreach (var field in (row["customFields"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var value = field["field_value"]?.DeepClone() ?? throw new InvalidOperationException("A custom field came without field_value.");
            field.Remove("field_value");
            field[stream == "opportunities" ? "fieldValue" : "value"] = value;
        }

        return row;
    }
}
