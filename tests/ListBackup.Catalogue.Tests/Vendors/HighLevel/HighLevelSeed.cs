using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>A small sub-account: more than a page of what costs no requests per record, and at least one record of each other kind.</summary>
public static class HighLevelSeed
{
    public static Dictionary<string, List<JsonObject>> Tables(HighLevelFake fake)
    {
        var tables = HighLevelKind.All.Select(kind => kind.Stream)
            .Concat(["contacts", "notes", "tasks", "opportunities", "conversations", "messages", "prices", "object_records"])
            .ToDictionary(stream => stream, _ => new List<JsonObject>());
        for (var at = 1; at <= 60; at++) tables["contacts"].Add(Contact(fake, at));
        for (var at = 1; at <= 130; at++)
            tables["opportunities"].Add(Row("""{"pipelineId":"p1","pipelineStageId":"s1","status":"open","monetaryValue":12.10,"locationId":"loc1"}""", $"o{at}").With("name", $"Deal {at}").With("contactId", $"c{(at % 40) + 11:D4}"));
        tables["opportunities"][0]["customFields"] = new JsonArray(Rows.Row("""{"id":"f1","fieldValue":"7"}"""));
        for (var at = 1; at <= 110; at++) tables["conversations"].Add(Row("""{"contactName":"x","unreadCount":0}""", $"v{at}").With("contactId", $"c{at:D4}").With("sort", new JsonArray(1_700_000_000_000 + at)));
        for (var at = 1; at <= 120; at++) tables["messages"].Add(Row("""{"conversationId":"v1","body":"hi","attachments":[]}""", $"m{at}"));
        for (var at = 1; at <= 120; at++) tables["forms"].Add(Row("""{"locationId":"loc1"}""", $"fo{at}").With("name", $"Form {at}"));
        for (var at = 1; at <= 130; at++) tables["form_submissions"].Add(Row("""{"formId":"fo1","email":"a@example.com","others":{}}""", $"fs{at}").With("createdAt", fake.DaysAgo(200)));
        tables["survey_submissions"].Add(Row("""{"surveyId":"su1","email":"a@example.com"}""", "ss1").With("createdAt", fake.DaysAgo(200)));
        foreach (var (stream, id, json) in (ReadOnlySpan<(string, string, string)>)
        [
            ("users", "u1", """{"name":"Ann"}"""), ("tags", "t1", """{"name":"vip","locationId":"loc1"}"""), ("tags", "t2", """{"name":"lead","locationId":"loc1"}"""),
            ("custom_fields", "f1", """{"name":"Size","fieldKey":"contact.size","dataType":"TEXT","model":"contact","position":50,"locationId":"loc1"}"""),
            ("custom_fields", "f2", """{"name":"Shoe","fieldKey":"contact.shoe","dataType":"TEXT","model":"contact","position":60,"locationId":"loc1"}"""),
            ("custom_values", "cv1", """{"name":"Phone","value":"0123","fieldKey":"{{ custom_values.phone }}","locationId":"loc1"}"""), ("businesses", "b1", """{"name":"ACME"}"""),
            ("pipelines", "p1", """{"name":"Sales","stages":[{"id":"s1"}]}"""), ("notes", "n1", """{"contactId":"c0005","body":"called","userId":"u1"}"""), ("notes", "n2", """{"contactId":"c0006","body":"mailed","userId":"u1"}"""),
            ("tasks", "k1", """{"contactId":"c0005","title":"Call","body":"x","dueDate":"2026-04-01T00:00:00.000Z","completed":false,"assignedTo":"u1"}"""),
            ("calendars", "ca1", """{"name":"Calls"}"""), ("calendar_groups", "cg1", """{"name":"All"}"""), ("appointments", "a1", """{"calendarId":"ca1","title":"Call"}"""), ("blocked_slots", "bs1", """{"calendarId":"ca1"}"""),
            ("surveys", "su1", """{"name":"S"}"""), ("workflows", "w1", """{"name":"Welcome","status":"published"}"""), ("campaigns", "cp1", """{"name":"C"}"""), ("email_templates", "e1", """{"name":"T"}"""),
            ("trigger_links", "l1", """{"name":"Offer","redirectTo":"https://example.com","locationId":"loc1"}"""), ("associations", "as1", """{"key":"a"}"""), ("objects", "ob1", """{"key":"custom_objects.pets"}"""),
            ("object_records", "or1", """{"objectKey":"custom_objects.pets","properties":{"name":"Rex"}}"""),
        ])
            tables[stream].Add(Row(json, id));

        foreach (var (stream, json) in (ReadOnlySpan<(string, string)>)
        [
            ("funnels", """{"_id":"fu1","name":"F"}"""), ("funnel_pages", """{"_id":"fp1","funnelId":"fu1","name":"Start"}"""), ("blogs", """{"_id":"bl1","name":"B"}"""), ("blog_posts", """{"_id":"bp1","blogId":"bl1","title":"P"}"""),
            ("media", """{"_id":"me1","name":"a.png","url":"https://storage.example.com/a.png"}"""), ("products", """{"_id":"pr1","name":"Course"}"""), ("prices", """{"_id":"pp1","product":"pr1","amount":12.10}"""),
            ("collections", """{"_id":"co1","name":"All"}"""), ("coupons", """{"_id":"cu1","name":"TEN"}"""), ("orders", """{"_id":"or1","amount":12.10}"""), ("transactions", """{"_id":"tr1","amount":12.10}"""),
            ("subscriptions", """{"_id":"sb1"}"""), ("invoices", """{"_id":"in1","invoiceNumber":"1"}"""), ("invoice_schedules", """{"_id":"is1"}"""), ("invoice_templates", """{"_id":"it1"}"""), ("estimates", """{"_id":"es1"}"""),
        ])
            tables[stream].Add(Rows.Row(json));

        return tables;
    }

    private static JsonObject Row(string json, string id) => Rows.Row(json).With("id", id);

    public static JsonObject Contact(HighLevelFake fake, int at)
    {
        var contact = new JsonObject
        {
            ["id"] = $"c{at:D4}", ["locationId"] = HighLevelFake.Location, ["email"] = at == 9 ? null : $"person{at}@example.com", ["phone"] = at == 9 ? "+4915112345678" : null,
            ["firstName"] = $"Person {at}", ["lastName"] = "None", ["postalCode"] = "01067", ["tags"] = new JsonArray("vip"),
            ["customFields"] = new JsonArray(Rows.Row("""{"id":"f1","value":"12345"}""")),
            ["dnd"] = at % 10 == 0, ["dndSettings"] = Rows.Row("""{"Email":{"status":"inactive","message":"","code":""},"SMS":{"status":"inactive","message":"","code":""}}"""),
            ["dateAdded"] = fake.DaysAgo(300), ["dateUpdated"] = fake.DaysAgo(at < 4 ? 40 : 50),
        };
        if (at == 14) contact["customFields"]!.AsArray().Add(Rows.Row("""{"id":"f2","value":"42"}"""));
        if (at % 10 == 0) contact["dndSettings"]!["Email"]!["status"] = "active";
        return contact;
    }
}
