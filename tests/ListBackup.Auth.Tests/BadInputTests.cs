using System.Net;
using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Testing;

namespace ListBackup.Auth.Tests;

public class BadInputTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{\"email\":\"a@b.example\"}")]
    [InlineData("{\"email\":null,\"password\":null}")]
    [InlineData("{\"email\":1,\"password\":true}")]
    [InlineData("{\"email\":{\"a\":1},\"password\":[]}")]
    [InlineData("{\"email\":\"a@b.example\",\"password\":\"x\",\"admin\":true}")]
    [InlineData("{\"email\":\"a@b.example\",\"password\":\"x\",\"password\":\"y\"}")]
    [InlineData("{\"email\":\"\\ud800\",\"password\":\"x\"}")]
    public async Task A_body_of_the_wrong_shape_is_a_400_with_a_reason(string body)
    {
        await using var api = await AuthApi.StartAsync();

        var answer = await api.PostAsync("/v1/auth/login", body);

        answer.ShouldBe(HttpStatusCode.BadRequest, "malformed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@example.com")]
    [InlineData("ada@")]
    [InlineData("ada@example")]
    [InlineData("a da@example.com")]
    [InlineData("ada@@example.com")]
    [InlineData("Ada <ada@example.com>")]
    [InlineData("ada@example.com,eve@example.com")]
    [InlineData("ada\n@example.com")]
    public async Task What_is_no_address_is_refused_by_its_field(string email)
    {
        await using var api = await AuthApi.StartAsync();

        foreach (var path in new[] { "login", "register", "password/forgot", "confirm/resend" })
        {
            object body = path switch
            {
                "login" => new { email, password = "x" },
                "register" => new { email, password = AuthApi.Password, name = "Ada" },
                _ => new { email },
            };
            (await api.PostAsync($"/v1/auth/{path}", body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["email"].ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Ten_megabytes_are_refused()
    {
        await using var api = await AuthApi.StartAsync();

        // A client that asks first, so that the answer does not race with the rest of the body.
        var answer = await api.SendAsync(HttpMethod.Post, "/v1/auth/login", $"{{\"email\":\"{new string('a', 10_000_000)}\"}}", null, ("Expect", "100-continue"));

        answer.ShouldBe(HttpStatusCode.RequestEntityTooLarge, "too-large");
    }

    [Fact]
    public async Task A_very_long_password_is_refused_before_it_is_hashed()
    {
        await using var api = await AuthApi.StartAsync();

        (await api.PostAsync("/v1/auth/login", new { email = "ada@example.com", password = new string('x', 100_000) })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync("/v1/auth/register", new { email = "ada@example.com", password = new string('x', 100_000), name = "Ada" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task What_is_about_oneself_needs_a_token()
    {
        await using var api = await AuthApi.StartAsync();
        var closed = api.Endpoints.Where(e => e.Metadata.OfType<PermissionMetadata>().Single().Permission == Permission.Self).ToList();
        closed.Count.ShouldBeGreaterThan(6);

        foreach (var endpoint in closed)
        {
            var method = endpoint.Metadata.OfType<Microsoft.AspNetCore.Routing.HttpMethodMetadata>().Single().HttpMethods.Single();
            var path = endpoint.RoutePattern.RawText!.Replace("{sessionId}", "ses_00000000000000000000000000", StringComparison.Ordinal);
            (await api.SendAsync(new(method), path, method == "GET" ? null : "{")).ShouldBe(HttpStatusCode.Unauthorized, "not-authenticated");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("lbk...")]
    [InlineData("lbk.usr_00000000000000000000000000.key_00000000000000000000000000.secret")]
    public async Task What_is_no_api_key_gives_no_token(string apiKey)
    {
        await using var api = await AuthApi.StartAsync();

        (await api.PostAsync("/v1/auth/token", new { apiKey })).ShouldBe(HttpStatusCode.Unauthorized, "wrong-api-key");
    }
}
