using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class KlaviyoTests : ConnectorContract<KlaviyoFake>
{
    private int _changes;

    protected override (string Stream, string Path) Main => ("profiles", "/api/profiles");

    /// <summary>A bulk change of more than a page, all in one second.</summary>
    [Fact]
    public async Task Who_shares_a_telephone_with_somebody_who_was_deleted_is_not_taken_for_them()
    {
        await using var server = await VendorServer<KlaviyoFake>.StartAsync(new KlaviyoFake());
        using var connector = server.Connect();
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes("""{"id":"gone","attributes":{"email":"gone@example.com","phone_number":"+15005550006"}}"""), ListBackup.Connectors.Restoring.SameIds.Instance);
        var nameless = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes("""{"id":"gone","attributes":{"email":null,"phone_number":"+15005550006"}}"""), ListBackup.Connectors.Restoring.SameIds.Instance);

        var live = await connector.Target().FindAsync("profiles", record, TestContext.Current.CancellationToken);
        var byTelephone = await connector.Target().FindAsync("profiles", nameless, TestContext.Current.CancellationToken);

        live.State.ShouldBe(ListBackup.Connectors.Restoring.LiveState.Missing);
        byTelephone.State.ShouldNotBe(ListBackup.Connectors.Restoring.LiveState.Missing);
    }

    protected override PersonWithConsent<KlaviyoFake> Person => new()
    {
        Stream = "profiles",
        Streams = ["profiles"],
        Address = fake => fake.Attributes("profiles", "P010").Text("email"),
        IsHeldBy = (_, address) => record => record.GetProperty("attributes").GetProperty("email").GetString() == address,
        SayNo = (fake, address) => Marketing(fake, address)!["consent"] = "UNSUBSCRIBED",
        Delete = (fake, address) => fake.Delete("profiles", Profile(fake, address)!.Text("id")),
        Consent = (fake, address) => Marketing(fake, address)?["consent"]?.GetValue<string>() switch { null => Consent.Gone, "SUBSCRIBED" => Consent.Yes, _ => Consent.No },
        ComesBackWithYes = false,
        IsForgotten = true,
    };

    private static JsonObject? Profile(KlaviyoFake fake, string address) => fake.Tables["profiles"].FirstOrDefault(row => row["attributes"]!.AsObject().Text("email") == address);

    private static JsonNode? Marketing(KlaviyoFake fake, string address) => Profile(fake, address)?["attributes"]!["subscriptions"]!["email"]!["marketing"];

    [Theory]
    [InlineData("SUBSCRIBED", true, "person10@example.com")]
    [InlineData("UNSUBSCRIBED", false, "new@example.com")]
    [InlineData("SUBSCRIBED", false, "new@example.com")]
    public async Task An_old_address_does_not_come_back_in_place_of_one_that_said_no_or_is_suppressed(string consent, bool canReceive, string address)
    {
        await using var server = await VendorServer<KlaviyoFake>.StartAsync(new KlaviyoFake());
        using var connector = server.Connect();
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(server.Fake.Tables["profiles"].Find("id", "P010")!)), ListBackup.Connectors.Restoring.SameIds.Instance);
        var attributes = server.Fake.Attributes("profiles", "P010");
        attributes["email"] = "new@example.com";
        attributes["first_name"] = "X";
        attributes["subscriptions"]!["email"]!["marketing"]!["consent"] = consent;
        attributes["subscriptions"]!["email"]!["marketing"]!["can_receive_email_marketing"] = canReceive;

        var outcome = await connector.Target().WriteAsync(
            new() { Stream = "profiles", Kind = ListBackup.Connectors.Restoring.WriteKind.Update, LiveId = "P010", Record = record, IdempotencyKey = "1" }, TestContext.Current.CancellationToken);

        outcome.Result.ShouldBe(ListBackup.Connectors.Restoring.WriteResult.Updated);
        attributes.Text("email").ShouldBe(address);
        attributes.Text("first_name").ShouldBe("Person 10");
    }

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(KlaviyoFake fake)
    {
        _changes++;
        string[] profiles = [.. Enumerable.Range(1 + _changes, 130).Select(at => $"P{at:D3}")];
        foreach (var id in profiles) fake.Attributes("profiles", id).Merge(new JsonObject { ["title"] = $"Change {_changes}", ["updated"] = fake.Stamp() });
        string[] events = [.. Enumerable.Range(1, 20).Select(at => $"N{_changes}-{at}")];
        foreach (var id in events) fake.Tables["events"].Add(KlaviyoSeed.Resource("event", id, new JsonObject { ["datetime"] = fake.Stamp() }));
        return new Dictionary<string, IReadOnlyList<string>> { ["profiles"] = profiles, ["events"] = events };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(KlaviyoFake fake)
    {
        (string, string)[] gone = [("profiles", "P005"), ("lists", "L3"), ("coupons", "10OFF"), ("templates", "T2")];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        return [.. gone, ("list_members", Key("L1", "P005"))];
    }

    protected override Disaster Damage(KlaviyoFake fake)
    {
        (string, string)[] gone =
            [("profiles", "P005"), ("profiles", "P012"), ("lists", "L2"), ("templates", "T2"), ("segments", "S1"), ("coupons", "10OFF"), ("catalog_categories", "$custom:::$default:::books"), ("tags", "TG1"), ("tag_groups", "G2")];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        fake.Attributes("profiles", "P007").Merge(Rows.Row("""{"first_name":"X","external_id":"bad","properties":{"points":0,"rate":12.10}}"""));
        fake.Attributes("lists", "L1")["opt_in_process"] = "single_opt_in";
        fake.Attributes("templates", "T3")["html"] = "<p>hacked</p>";

        // One who was subscribed said no since.
        fake.Attributes("profiles", "P008")["subscriptions"]!["email"]!["marketing"]!["consent"] = "UNSUBSCRIBED";
        return new Disaster(
            [.. gone, ("list_members", Key("L1", "P005")), ("list_members", Key("L1", "P012")), ("list_members", Key("L2", "P005")), ("list_members", Key("L2", "P006"))],
            [("profiles", "P007"), ("lists", "L1"), ("templates", "T3")],
            [("profiles", "P008", "attributes/subscriptions/email/marketing/consent", "UNSUBSCRIBED")],
            [("profiles", "P005"), ("list_members", Key("L1", "P005")), ("list_members", Key("L2", "P005"))]);
    }

    [Fact]
    public async Task Who_comes_back_is_subscribed_to_nothing()
    {
        await using var server = await VendorServer<KlaviyoFake>.StartAsync(new KlaviyoFake());
        using var connector = server.Connect();
        var subscribed = server.Fake.Tables["profiles"].Find("id", "P010")!;
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(subscribed)), ListBackup.Connectors.Restoring.SameIds.Instance) { BringsConsentBack = true };
        server.Fake.Delete("profiles", "P010");

        var outcome = await connector.Target().WriteAsync(
            new() { Stream = "profiles", Kind = ListBackup.Connectors.Restoring.WriteKind.Create, Record = record, IdempotencyKey = "1" }, TestContext.Current.CancellationToken);

        outcome.Result.ShouldBe(ListBackup.Connectors.Restoring.WriteResult.Created);
        server.Fake.Attributes("profiles", outcome.NewId!)["subscriptions"]!["email"]!["marketing"]!["consent"]!.GetValue<string>().ShouldBe("NEVER_SUBSCRIBED");
        server.Fake.Log.Where(request => request.Writes).ShouldAllBe(request => !request.Body.Contains("subscriptions"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_was_deleted_is_made_anew_only_when_that_is_asked_since_klaviyo_makes_nobody_with_a_no(bool isAsked)
    {
        await using var server = await VendorServer<KlaviyoFake>.StartAsync(new KlaviyoFake());
        using var connector = server.Connect();
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(server.Fake.Tables["profiles"].Find("id", "P010")!)), ListBackup.Connectors.Restoring.SameIds.Instance) { BringsConsentBack = isAsked };
        server.Fake.Delete("profiles", "P010");

        var plan = await connector.Target().FindAsync("profiles", record, TestContext.Current.CancellationToken);

        if (isAsked) plan.NeverCreated.ShouldBeNull();
        else plan.NeverCreated.ShouldNotBeNull().ShouldContain("bringBack");
    }

    [Theory]
    [InlineData("""{"email":{"marketing":{"consent":"UNSUBSCRIBED","suppression":[],"list_suppressions":[]}}}""")]
    [InlineData("""{"email":{"marketing":{"consent":"NEVER_SUBSCRIBED","suppression":[{"reason":"HARD_BOUNCE"}],"list_suppressions":[]}}}""")]
    [InlineData("""{"email":{"marketing":{"consent":"SUBSCRIBED","suppression":[],"list_suppressions":[{"reason":"USER_SUPPRESSED"}]}}}""")]
    [InlineData("""{"email":{"marketing":{"consent":"SUBSCRIBED"}},"sms":{"marketing":{"consent":"UNSUBSCRIBED"}}}""")]
    public async Task Who_said_no_before_the_backup_is_not_made_anew_as_somebody_who_may_be_mailed(string subscriptions)
    {
        await using var server = await VendorServer<KlaviyoFake>.StartAsync(new KlaviyoFake());
        using var connector = server.Connect();
        server.Fake.Attributes("profiles", "P010")["subscriptions"] = System.Text.Json.Nodes.JsonNode.Parse(subscriptions);
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(server.Fake.Tables["profiles"].Find("id", "P010")!)), ListBackup.Connectors.Restoring.SameIds.Instance);
        server.Fake.Delete("profiles", "P010");

        var outcome = await connector.Target().WriteAsync(
            new() { Stream = "profiles", Kind = ListBackup.Connectors.Restoring.WriteKind.Create, Record = record, IdempotencyKey = "1" }, TestContext.Current.CancellationToken);

        outcome.Result.ShouldBe(ListBackup.Connectors.Restoring.WriteResult.Refused);
        outcome.Reason.ShouldNotBeNull().ShouldContain("said no before they were deleted");
        server.Fake.Log.ShouldNotContain(request => request.Writes);
    }
}
