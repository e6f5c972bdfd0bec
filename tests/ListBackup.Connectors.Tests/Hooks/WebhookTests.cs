using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Hooks;

/// <summary>Signatures of the platforms' schemes, each computed here by the platform's own words, and what events say of streams.</summary>
public sealed class WebhookTests
{
    private const string Secret = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Stripe = """
        signature: { header: Stripe-Signature, signature_key: v1, encoding: hex, signed: "{time}.{body}", time: { key: t } }
        id: id
        type: type
        types: { item.*: [items] }
        """;

    private const string Shopify = """
        signature: { header: X-Shopify-Hmac-Sha256, encoding: base64 }
        type_header: X-Shopify-Topic
        types: { items/update: [items] }
        """;

    private const string HubSpot = """
        signature:
          header: X-HubSpot-Signature-v3
          encoding: base64
          signed: "{method}{url}{body}{time}"
          time: { header: X-HubSpot-Request-Timestamp, unit: milliseconds }
        list: true
        type: subscriptionType
        types: { item.*: [items] }
        """;

    private const string GitHub = """
        signature: { header: X-Hub-Signature-256, prefix: "sha256=", encoding: hex }
        type_header: X-GitHub-Event
        types: { "*": [items] }
        """;

    [Fact]
    public void The_vector_that_a_platform_publishes_is_valid()
    {
        // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
        var call = Call("Hello, World!", ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"));

        Check(GitHub, call, "It's a Secret to Everybody").Verdict.ShouldBe(SignatureVerdict.Valid);
    }

    [Theory]
    [InlineData(Stripe)]
    [InlineData(Shopify)]
    [InlineData(HubSpot)]
    [InlineData(GitHub)]
    public void A_call_is_valid_only_as_it_was_signed_with_the_secret_that_signed_it(string scheme)
    {
        const string body = """{"id":"evt_1","type":"item.updated"}""";
        var call = Signed(scheme, body, Now);

        Check(scheme, call).Verdict.ShouldBe(SignatureVerdict.Valid);
        Check(scheme, call, "another secret").Verdict.ShouldBe(SignatureVerdict.Wrong);
        Check(scheme, call with { Body = Encoding.UTF8.GetBytes(body.Replace('1', '2')) }).Verdict.ShouldBe(SignatureVerdict.Wrong);
        Check(scheme, call with { Body = Encoding.UTF8.GetBytes(body + " ") }).Verdict.ShouldBe(SignatureVerdict.Wrong);
        Check(scheme, call with { Header = _ => null }).Verdict.ShouldBe(SignatureVerdict.Missing);
    }

    [Theory]
    [InlineData(Stripe, 299, SignatureVerdict.Valid)]
    [InlineData(Stripe, 301, SignatureVerdict.Old)]
    [InlineData(Stripe, -299, SignatureVerdict.Valid)]
    [InlineData(Stripe, -301, SignatureVerdict.Old)]
    [InlineData(HubSpot, 299, SignatureVerdict.Valid)]
    [InlineData(HubSpot, 301, SignatureVerdict.Old)]
    [InlineData(Shopify, 86_400, SignatureVerdict.Valid)] // It does not tell the time.
    public void A_signed_time_counts_for_five_minutes_in_either_direction(string scheme, int secondsAgo, SignatureVerdict verdict) =>
        Check(scheme, Signed(scheme, "{}", Now.AddSeconds(-secondsAgo))).Verdict.ShouldBe(verdict);

    [Fact]
    public void A_time_cannot_be_put_in_the_place_of_the_signed_one()
    {
        var old = Signed(Stripe, "{}", Now.AddHours(-1)).Header("Stripe-Signature")!;
        var fresh = old.Replace($"t={Now.AddHours(-1).ToUnixTimeSeconds()}", $"t={Now.ToUnixTimeSeconds()}");

        fresh.ShouldNotBe(old);
        Check(Stripe, Call("{}", ("Stripe-Signature", fresh))).Verdict.ShouldBe(SignatureVerdict.Wrong);
        Check(Stripe, Call("{}", ("Stripe-Signature", fresh + old[old.IndexOf(',')..]))).Verdict.ShouldBe(SignatureVerdict.Wrong);
    }

    [Fact]
    public void Another_address_or_method_is_another_call_where_they_are_signed()
    {
        var call = Signed(HubSpot, "[]", Now);

        Check(HubSpot, call with { Url = call.Url + "x" }).Verdict.ShouldBe(SignatureVerdict.Wrong);
        Check(HubSpot, call with { Method = "PUT" }).Verdict.ShouldBe(SignatureVerdict.Wrong);
    }

    [Fact]
    public void While_a_secret_changes_a_platform_signs_with_both_and_one_that_we_know_is_enough()
    {
        var right = Signed(Stripe, "{}", Now).Header("Stripe-Signature")!;
        var signature = right[right.IndexOf("v1=", StringComparison.Ordinal)..];
        var other = $"v1={new string('0', 64)}";

        Check(Stripe, Call("{}", ("Stripe-Signature", right.Replace(signature, $"{other},v0=abc, {signature}")))).Verdict.ShouldBe(SignatureVerdict.Valid);
        Check(Stripe, Call("{}", ("Stripe-Signature", right.Replace(signature, string.Join(',', Enumerable.Repeat(other, 20).Append(signature)))))).Verdict.ShouldBe(SignatureVerdict.Wrong);
    }

    [Theory]
    [InlineData("")]
    [InlineData("t=")]
    [InlineData("v1=00")]
    [InlineData("t=1772366400,v1=")]
    [InlineData("t=1772366400,v1=zz")]
    [InlineData("t=99999999999999999999,v1=00")]
    [InlineData(",,,=,=,t,v1")]
    public void What_is_no_signature_is_refused_and_nothing_is_thrown(string header) =>
        Check(Stripe, Call("{}", ("Stripe-Signature", header))).Verdict.ShouldBeOneOf(SignatureVerdict.Missing, SignatureVerdict.Wrong);

    [Fact]
    public void The_digest_is_the_same_however_the_signature_is_spelt()
    {
        var call = Signed(GitHub, "{}", Now);
        var upper = Call("{}", ("X-Hub-Signature-256", "sha256=" + call.Header("X-Hub-Signature-256")!["sha256=".Length..].ToUpperInvariant()));

        Check(GitHub, upper).Digest.ShouldBe(Check(GitHub, call).Digest.ShouldNotBeNull());
    }

    [Fact]
    public void An_empty_secret_is_never_one() => Should.Throw<ArgumentException>(() => Check(Stripe, Signed(Stripe, "{}", Now), ""));

    [Fact]
    public void Events_name_their_streams_and_ids()
    {
        const string hooks = """
            events: [data, events]
            id: [meta, id]
            type: kind
            types: { item.*: [items], item.deleted: [others], other.made: [others] }
            """;

        Read(hooks, """{"data":{"events":[{"kind":"item.deleted","meta":{"id":7}},{"kind":"unknown","meta":{"id":"8"}}]}}""").ShouldBe("items,others|7,8");
        Read(hooks, """{"data":{"events":[{"kind":"other.made","meta":{}}]}}""").ShouldBe("others|");
        Read(hooks, """{"data":{"events":[]}}""").ShouldBe("|");
        Read(hooks, """{"data":{"events":{}}}""").ShouldBeNull();
        Read(hooks, """{"data":""").ShouldBeNull();
        Read("types: { \"*\": [items, others] }", "any=form&of=body").ShouldBe("items,others|");
        Read(Shopify, "{}", ("X-Shopify-Topic", "items/update")).ShouldBe("items|");
        Read(Shopify, "{}").ShouldBe("|");
        Read(HubSpot, """[{"subscriptionType":"item.creation"},{"subscriptionType":5}]""").ShouldBe("items|");
    }

    [Theory]
    [InlineData("""{"id":"\ud800","type":"item.updated"}""")]
    [InlineData("""{"\ud800":1,"type":"item.updated"}""")]
    public void A_body_with_half_of_a_surrogate_pair_is_not_what_the_manifest_says_and_no_accident(string body) => Read(Stripe, body).ShouldBeNull();

    [Theory]
    [InlineData("types: {}", "x-listbackup.webhooks.types", "At least one type")]
    [InlineData("type: type", "x-listbackup.webhooks.types", "required")]
    [InlineData("types: { a: [nothing] }", "x-listbackup.webhooks.types.a", "'nothing'")]
    [InlineData("types: { a: [] }", "x-listbackup.webhooks.types.a", "At least one stream")]
    [InlineData("types: { \"*.a\": [items] }", "x-listbackup.webhooks.types.*.a", "asterisk")]
    [InlineData("types: { a: [items] }\ntype: a\ntype_header: B", "x-listbackup.webhooks.type", "Either")]
    [InlineData("types: { a: [items] }\nid: [\"*\", id]", "x-listbackup.webhooks.id", "one field")]
    [InlineData("types: { a: [items] }\nevents: a\nlist: true", "x-listbackup.webhooks.list", "Either")]
    [InlineData("types: { a: [items] }\nsecrets: a", "x-listbackup.webhooks.secrets", "not known")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: hex, signed: \"{time}\", time: { header: B } }", "x-listbackup.webhooks.signature.signed", "another body")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: hex, time: { header: B } }", "x-listbackup.webhooks.signature.signed", "proves nothing")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: hex, signed: \"{time}{body}\" }", "x-listbackup.webhooks.signature.signed", "belong together")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: hex, signed: \"{bodies}\" }", "x-listbackup.webhooks.signature.signed", "one of body")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: rot13 }", "x-listbackup.webhooks.signature.encoding", "hex, base64")]
    [InlineData("types: { a: [items] }\nsignature: { encoding: hex }", "x-listbackup.webhooks.signature.header", "required")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: hex, signed: \"{time}{body}\", time: { key: t } }", "x-listbackup.webhooks.signature.time.key", "pairs")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: hex, signed: \"{time}{body}\", time: {} }", "x-listbackup.webhooks.signature.time.header", "Either")]
    [InlineData("types: { a: [items] }\nsignature: { header: A, encoding: hex, signed: \"{time}{body}\", time: { header: t, tolerance_seconds: 86400 } }", "x-listbackup.webhooks.signature.time.tolerance_seconds", "3600")]
    public void What_is_wrong_with_the_description_is_told_with_its_place(string hooks, string path, string reason)
    {
        var problem = Should.Throw<ManifestException>(() => Load(hooks)).Problems.ShouldHaveSingleItem();

        problem.Path.ShouldBe(path);
        problem.Reason.ShouldContain(reason);
    }

    private static string? Read(string hooks, string body, params (string Name, string Value)[] headers) =>
        Load(hooks).Read(Call(body, headers)) is { } read ? $"{string.Join(',', read.Streams)}|{string.Join(',', read.Ids)}" : null;

    private static SignatureCheck Check(string hooks, WebhookCall call, string secret = Secret) => Load(hooks).Signature!.Check(call, secret, Now);

    private static WebhookCall Signed(string scheme, string body, DateTimeOffset at)
    {
        var (seconds, milliseconds) = (at.ToUnixTimeSeconds(), at.ToUnixTimeMilliseconds());
        return scheme switch
        {
            Stripe => Call(body, ("Stripe-Signature", $"t={seconds},v1={Convert.ToHexStringLower(Hmac($"{seconds}.{body}"))}")),
            Shopify => Call(body, ("X-Shopify-Hmac-Sha256", Convert.ToBase64String(Hmac(body)))),
            HubSpot => Call(body, ("X-HubSpot-Signature-v3", Convert.ToBase64String(Hmac($"POST{Url}{body}{milliseconds}"))), ("X-HubSpot-Request-Timestamp", $"{milliseconds}")),
            _ => Call(body, ("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(Hmac(body))}")),
        };
    }

    private const string Url = "https://backup.example.com/v1/hooks/con_1/abc";

    private static byte[] Hmac(string text) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(text));

    private static WebhookCall Call(string body, params (string Name, string Value)[] headers) => new(
        "POST", Url, name => headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).FirstOrDefault(), Encoding.UTF8.GetBytes(body));

    private static WebhookDescription Load(string hooks) => Connector.Load($$$"""
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [items] }
        streams:
          - { $ref: "#/definitions/stream", name: items }
          - { $ref: "#/definitions/stream", name: others }
        definitions:
          stream:
            type: DeclarativeStream
            retriever:
              type: SimpleRetriever
              requester: { type: HttpRequester, url_base: "https://example.com", path: / }
              record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
        x-listbackup:
          webhooks:
        {{{Manifests.Indented(hooks, 4)}}}
        """).Webhooks.ShouldNotBeNull();
}
