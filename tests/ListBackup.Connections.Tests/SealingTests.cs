using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Connections.Tests;

public sealed class SealingTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly Rig _rig = new();

    [Fact]
    public async Task What_was_sealed_opens_again_and_never_looks_the_same()
    {
        var one = await _rig.Envelope.SealAsync(_rig.Account, "p", "text ✓", Cancellation);
        var other = await _rig.Envelope.SealAsync(_rig.Account, "p", "text ✓", Cancellation);

        one.ShouldNotBe(other);
        (await _rig.Envelope.OpenAsync(_rig.Account, "p", one, Cancellation)).ShouldBe("text ✓");
    }

    [Fact]
    public async Task It_opens_for_its_own_purpose_and_account_only()
    {
        var stranger = AccountId.New(_rig.Clock);
        await _rig.Envelope.SealAsync(stranger, "p", "x", Cancellation);
        var secret = await _rig.Envelope.SealAsync(_rig.Account, "p", "text", Cancellation);

        await Should.ThrowAsync<CryptographicException>(() => _rig.Envelope.OpenAsync(_rig.Account, "q", secret, Cancellation));
        await Should.ThrowAsync<CryptographicException>(() => _rig.Envelope.OpenAsync(stranger, "p", secret, Cancellation));
    }

    [Fact]
    public void What_people_see_of_a_configuration_has_no_secret_declared_or_not()
    {
        var config = Json("""{"host":"h","credentials":{"kind":"key","api_key":"S1","nested":[{"hidden":"S2","shown":1}]},"webhook_secret":"S3","lists":[{"password":"S4"}]}""");
        var spec = Spec(FieldPath.Of("credentials", "api_key"), FieldPath.Of("credentials", "nested", "*", "hidden"));

        var shown = ConnectionSecrets.WithoutSecrets(config, spec).GetRawText();

        shown.ShouldNotContain("S1");
        shown.ShouldNotContain("S2");
        shown.ShouldNotContain("S3");
        shown.ShouldNotContain("S4");
        shown.ShouldContain("\"host\":\"h\"");
        shown.ShouldContain("\"kind\":\"key\"");
    }

    [Fact]
    public void Secrets_that_are_not_filled_in_again_stay()
    {
        var spec = Spec(FieldPath.Of("credentials", "api_key"), FieldPath.Of("other"));
        var old = Json("""{"host":"h","credentials":{"api_key":"old"},"other":"o"}""");

        ConnectionSecrets.WithSecretsOf(old, Json("""{"host":"new","credentials":{}}"""), spec).ToJsonString()
            .ShouldBe("""{"host":"new","credentials":{"api_key":"old"},"other":"o"}""");
        ConnectionSecrets.WithSecretsOf(old, Json("""{"credentials":{"api_key":"new"},"other":"o"}"""), spec).ToJsonString()
            .ShouldBe("""{"credentials":{"api_key":"new"},"other":"o"}""");
    }

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static ConnectorSpec Spec(params FieldPath[] secret) => new(JsonDocument.Parse("{}").RootElement, secret, null);
}
