using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ListBackup.Auth.Tests;

public class TokenTests
{
    private const string Ada = "ada@example.com";

    [Fact]
    public async Task Anyone_can_check_a_token_with_the_published_keys()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("accessToken");
        var keys = new JsonWebKeySet((await api.GetAsync("/.well-known/jwks.json")).Body);

        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new()
        {
            IssuerSigningKeys = keys.Keys, ValidIssuer = AuthApi.Issuer, ValidAudience = "listbackup", LifetimeValidator = (_, _, _, _) => true,
        });

        result.IsValid.ShouldBeTrue(result.Exception?.Message);
        result.Claims["sub"].ShouldBeOfType<string>().ShouldStartWith("usr_");
        result.Claims["sid"].ShouldBeOfType<string>().ShouldStartWith("ses_");
        (await api.GetAsync("/.well-known/openid-configuration")).Text("issuer").ShouldBe(AuthApi.Issuer);
        keys.Keys.ShouldAllBe(k => k.D == null && !k.HasPrivateKey);
    }

    [Fact]
    public async Task A_token_expires_after_ten_minutes_and_a_little_skew()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("accessToken");

        api.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(29));
        (await CallAsync(api, token)).ShouldBe(HttpStatusCode.OK);
        api.Clock.Advance(TimeSpan.FromSeconds(2));
        (await CallAsync(api, token)).ShouldBe(HttpStatusCode.Unauthorized, "not-authenticated");
    }

    [Fact]
    public async Task Forged_tokens_are_refused()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("accessToken");
        var jwk = JsonNode.Parse((await api.GetAsync("/.well-known/jwks.json")).Body)!["keys"]![0]!;
        var (header, claims) = (Part(token, 0), Part(token, 1));
        (await CallAsync(api, token)).ShouldBe(HttpStatusCode.OK);

        // Nothing signed, in the spellings that libraries have fallen for.
        foreach (var alg in new[] { "none", "None", "NONE", "nOnE", "" })
        {
            (await CallAsync(api, Unsigned(With(header, "alg", alg), claims) + ".")).ShouldBe(HttpStatusCode.Unauthorized);
            (await CallAsync(api, Unsigned(With(header, "alg", alg), claims) + "." + token.Split('.')[2])).ShouldBe(HttpStatusCode.Unauthorized);
        }
        // The public key used as a shared secret.
        foreach (var secret in new[] { Base64UrlEncoder.DecodeBytes((string)jwk["x"]!), Encoding.UTF8.GetBytes(jwk.ToJsonString()), PublicPem(jwk) })
        {
            var unsigned = Unsigned(With(header, "alg", "HS256"), claims);
            (await CallAsync(api, $"{unsigned}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(unsigned)))}")).ShouldBe(HttpStatusCode.Unauthorized);
        }
        // A key of one's own, under the published key id, under another, and carried in the header.
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await CallAsync(api, Signed(foreign, header, claims))).ShouldBe(HttpStatusCode.Unauthorized);
        (await CallAsync(api, Signed(foreign, With(header, "kid", "mine"), claims))).ShouldBe(HttpStatusCode.Unauthorized);
        (await CallAsync(api, Signed(foreign, WithJwk(header, foreign), claims))).ShouldBe(HttpStatusCode.Unauthorized);
        using var rsa = RSA.Create(2048);
        var rsaInput = Unsigned(With(header, "alg", "RS256"), claims);
        (await CallAsync(api, $"{rsaInput}.{Base64UrlEncoder.Encode(rsa.SignData(Encoding.ASCII.GetBytes(rsaInput), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}")).ShouldBe(HttpStatusCode.Unauthorized);
        // Changed claims under the old signature; pieces missing; not a token.
        (await CallAsync(api, $"{Unsigned(header, With(claims, "sub", "usr_00000000000000000000000000"))}.{token.Split('.')[2]}")).ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var broken in new[] { "x", "..", token[..^1], token[..^10], token + "x", new string('a', 20_000) })
            (await CallAsync(api, broken)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("iss", "https://elsewhere.example")]
    [InlineData("aud", "something-else")]
    [InlineData("sub", "usr_00000000000000000000000000")]
    [InlineData("sid", "ses_00000000000000000000000000")]
    [InlineData("sid", "none")]
    public async Task A_token_that_our_own_key_signed_for_another_purpose_is_refused(string claim, string value)
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("accessToken");
        using var pair = await OwnKeyAsync(api);
        (await CallAsync(api, Signed(pair, Part(token, 0), Part(token, 1)))).ShouldBe(HttpStatusCode.OK);

        (await CallAsync(api, Signed(pair, Part(token, 0), With(Part(token, 1), claim, value)))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_of_another_type_or_without_an_end_is_refused()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("accessToken");
        using var pair = await OwnKeyAsync(api);

        (await CallAsync(api, Signed(pair, With(Part(token, 0), "typ", "JWT"), Part(token, 1)))).ShouldBe(HttpStatusCode.Unauthorized);
        var endless = Part(token, 1);
        endless.AsObject().Remove("exp");
        (await CallAsync(api, Signed(pair, Part(token, 0), endless))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Keys_rotate_and_the_old_one_stays_published_while_its_tokens_live()
    {
        await using var api = await AuthApi.StartAsync();
        var session = await api.JoinAsync(Ada);
        var firstKid = (string)Part(session.Text("accessToken"), 0)["kid"]!;
        var refresh = session.Text("refreshToken");
        foreach (var _ in Enumerable.Range(0, 3))
        {
            api.Clock.Advance(TimeSpan.FromDays(10) - TimeSpan.FromMinutes(1));
            refresh = (await api.RefreshAsync(refresh)).ShouldBe(HttpStatusCode.OK).Text("refreshToken");
        }
        var last = await api.RefreshAsync(refresh);
        ((string)Part(last.Text("accessToken"), 0)["kid"]!).ShouldBe(firstKid);

        api.Clock.Advance(TimeSpan.FromMinutes(4));
        var rotated = await api.RefreshAsync(last.Text("refreshToken"));

        ((string)Part(rotated.Text("accessToken"), 0)["kid"]!).ShouldNotBe(firstKid);
        (await CallAsync(api, last.Text("accessToken"))).ShouldBe(HttpStatusCode.OK);
        (await CallAsync(api, rotated.Text("accessToken"))).ShouldBe(HttpStatusCode.OK);
        (await api.GetAsync("/.well-known/jwks.json")).Json["keys"]!.AsArray().Count.ShouldBe(2);

        api.Clock.Advance(TimeSpan.FromDays(3));
        (await api.GetAsync("/.well-known/jwks.json")).Json["keys"]!.AsArray().Count.ShouldBe(1);
    }

    private static Task<ApiAnswer> CallAsync(ApiUnderTest api, string token) => api.GetAsync("/v1/auth/sessions", token);

    /// <summary>The issuer's real private key, taken out of the store as nobody outside can.</summary>
    private static async Task<ECDsa> OwnKeyAsync(ApiUnderTest api)
    {
        var page = await api.Items.QueryAsync(new() { Table = Domain.Table.Users, Partition = "ISSUER", SortPrefix = "KEY#" }, CancellationToken.None);
        var key = JsonNode.Parse(page.Items.ShouldHaveSingleItem().Body)!;
        var d = await api.Get<Domain.IKeys>().UnwrapAsync(Convert.FromBase64String((string)key["wrapped"]!), new("issuer", (string)key["kid"]!), CancellationToken.None);
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d, Q = new() { X = Convert.FromBase64String((string)key["x"]!), Y = Convert.FromBase64String((string)key["y"]!) } });
    }

    private static JsonNode Part(string token, int index) => JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[index]))!;

    private static JsonNode With(JsonNode part, string name, string value)
    {
        var changed = part.DeepClone();
        changed[name] = value;
        return changed;
    }

    private static JsonNode WithJwk(JsonNode header, ECDsa pair)
    {
        var changed = header.DeepClone();
        var q = pair.ExportParameters(false).Q;
        changed["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64UrlEncoder.Encode(q.X), ["y"] = Base64UrlEncoder.Encode(q.Y) };
        return changed;
    }

    private static string Unsigned(JsonNode header, JsonNode claims) => $"{Base64UrlEncoder.Encode(header.ToJsonString())}.{Base64UrlEncoder.Encode(claims.ToJsonString())}";

    private static string Signed(ECDsa pair, JsonNode header, JsonNode claims)
    {
        var unsigned = Unsigned(header, claims);
        return $"{unsigned}.{Base64UrlEncoder.Encode(pair.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256))}";
    }

    private static byte[] PublicPem(JsonNode jwk)
    {
        using var pair = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Base64UrlEncoder.DecodeBytes((string)jwk["x"]!), Y = Base64UrlEncoder.DecodeBytes((string)jwk["y"]!) },
        });
        return Encoding.ASCII.GetBytes(pair.ExportSubjectPublicKeyInfoPem());
    }
}
