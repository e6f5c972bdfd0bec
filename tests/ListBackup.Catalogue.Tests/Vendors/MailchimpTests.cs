using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class MailchimpTests : ConnectorContract<MailchimpFake>
{
    protected override (string Stream, string Path) Main => ("members", "/lists/a1/members");

    protected override bool TellsWait => false;

    /// <summary>Each status of each list keeps its own cursor, so each brings its latest row again.</summary>
    protected override int LookBackRowsMax => 18;

    protected override MailchimpFake Small() => new(60);

    [Fact]
    public async Task A_signed_in_connection_reads_in_the_data_centre_that_it_names()
    {
        await using var server = await VendorServer<MailchimpFake>.StartAsync(new MailchimpFake());
        using var connector = server.Connect(MailchimpFake.SignedIn);

        (await connector.CheckAsync()).Reason.ShouldBeNull();
        connector.Connector.OAuth!.TokenUrl.ShouldBe("https://login.mailchimp.com/oauth2/token");
    }

    [Fact]
    public async Task A_throttle_that_looks_like_a_refusal_is_waited_out()
    {
        await using var server = await VendorServer<MailchimpFake>.StartAsync(new MailchimpFake());
        using var connector = server.Connect();
        server.Fake.AnswerNext("/lists/a1/members", new VendorAnswer(403, "<html>Access denied</html>") { ContentType = "text/html" });

        var read = await connector.ReadAsync("members", fullRefresh: true);

        read.Records.Count.ShouldBe(server.Fake.Table("members").Count);
        read.Coverage.Evidence.Retries.ShouldBe(1);
    }

    protected override PersonWithConsent<MailchimpFake> Person => new()
    {
        Stream = "members",
        Streams = ["lists", "members"],
        Address = fake => fake.Table("members").First(row => row.Text("status") == "subscribed").Text("email_address"),
        IsHeldBy = (fake, address) => Held(fake, address).Text("list_id") is var list
            ? record => record.GetProperty("email_address").GetString() == address && record.GetProperty("list_id").GetString() == list : _ => false,
        SayNo = (fake, address) => fake.Unsubscribe(Held(fake, address)),
        Delete = (fake, address) => fake.Archive(Held(fake, address)),
        Consent = (fake, address) => Held(fake, address).Text("status") switch { "subscribed" => Consent.Yes, "archived" => Consent.Gone, _ => Consent.No },
        IsForgotten = true,
    };

    private static JsonObject Held(MailchimpFake fake, string address) => fake.Table("members").First(row => row.Text("email_address") == address);

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(MailchimpFake fake)
    {
        // An import touches 1,400 members in one second, more than a page of them subscribed.
        var touched = fake.Table("members").Where(row => row.Text("list_id") == "a1").Take(1_400).ToList();
        foreach (var member in touched) fake.Touch(member);
        fake.Unsubscribe(fake.Member("b2", 0));
        return new Dictionary<string, IReadOnlyList<string>> { ["members"] = [.. touched.Append(fake.Member("b2", 0)).Select(MemberKey)] };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(MailchimpFake fake)
    {
        var gone = fake.Member("a1", 5);
        fake.Forget(gone);
        var list = fake.Table("lists").Find("id", "c3")!;
        fake.DropList(list);
        return [("members", MemberKey(gone)), ("lists", "c3"), ("segment_members", Key("a1", "49377", gone.Text("id")))];
    }

    protected override Disaster Damage(MailchimpFake fake)
    {
        string[] watched = ["lists", "merge_fields", "interest_categories", "interests", "segments", "segment_members", "members", "member_notes", "webhooks", "campaign_folders"];
        var before = watched.ToDictionary(stream => stream, stream => fake.Truth(stream).Select(row => KeyOf(stream, row)).ToList());

        // Two are archived by mistake, one is deleted for good, two get a wrong name.
        var archived = new[] { fake.Member("a1", 3), fake.Member("a1", 4) };
        foreach (var member in archived) fake.Archive(member);
        var forgotten = fake.Member("a1", 5);
        var renamed = new[] { fake.Member("a1", 6), fake.Member("a1", 7) };
        foreach (var member in renamed) Rename(fake, member);

        // One says no and gets a wrong name too; one says no and is archived afterwards.
        var saidNo = fake.Member("a1", 8);
        Rename(fake, saidNo);
        fake.Unsubscribe(saidNo);
        var archivedAfterNo = fake.Member("a1", 9);
        fake.Unsubscribe(archivedAfterNo);
        fake.Archive(archivedAfterNo);

        // A tag, a note, a webhook and a folder go; a list loses a field and a whole list goes with all that it has.
        var tagged = fake.Truth("segment_members").Where(row => row.Text("segment_id") == "49377").Select(row => row.Text("id")).ToList();
        fake.DropSegment(fake.Table("segments").Find("id", "49377")!);
        fake.Forget(forgotten);
        var noted = fake.Table("member_notes")[1];
        fake.Table("member_notes").Remove(noted);
        fake.Table("webhooks").Clear();
        fake.Table("campaign_folders").Clear();
        fake.Table("merge_fields").RemoveAll(row => row.Text("list_id") == "b2" && row.Text("tag") == "CITY");
        fake.DropList(fake.Table("lists").Find("id", "c3")!);

        var changed = archived.Concat(renamed).Append(archivedAfterNo).Concat(fake.Table("members").Where(row => row.Text("list_id") == "b2"))
            .Concat(fake.Table("members").Where(row => row.Text("list_id") == "a1" && (tagged.Contains(row.Text("id")) || row.Text("id") == noted.Text("email_id"))));
        return new Disaster(
            [.. watched.SelectMany(stream => before[stream].Except(fake.Truth(stream).Select(row => KeyOf(stream, row))).Select(key => (stream, key)))],
            [.. changed.Select(member => ("members", MemberKey(member))).Distinct()],
            [("members", MemberKey(saidNo), "status", "unsubscribed"), ("members", MemberKey(archivedAfterNo), "status", "archived")],
            [
                ("members", MemberKey(forgotten)), ("members", MemberKey(archivedAfterNo)),
                ("segment_members", Key("a1", "49377", forgotten.Text("id"))),
            ]);
    }

    private static void Rename(MailchimpFake fake, JsonObject member)
    {
        member["merge_fields"]!["FNAME"] = "undefined";
        fake.Touch(member);
    }

    private static string KeyOf(string stream, JsonObject row) => stream switch
    {
        "lists" or "campaign_folders" => row.Text("id"),
        "merge_fields" => Key(row.Text("list_id"), row.Text("merge_id")),
        "segment_members" => Key(row.Text("list_id"), row.Text("segment_id"), row.Text("id")),
        _ => Key(row.Text("list_id"), row.Text("id")),
    };

    private static string MemberKey(JsonObject member) => KeyOf("members", member);
}
