using System.Text;
using System.Text.Json;
using Amazon.Lambda.APIGatewayEvents;

namespace ListBackup.Lambda.Tests.Http;

[Collection("AWS_LAMBDA_RUNTIME_API")]
public sealed class LambdaServerTests(EchoApplication app) : IClassFixture<EchoApplication>
{
    [Fact]
    public async Task A_request_arrives_as_it_was_sent()
    {
        var echo = await EchoOf(GatewayEvents.Of("POST", "/echo/a", query: "b=1&b=2&c=%C3%A9", body: "{\"name\":\"é\"}", headers: new()
        {
            ["content-type"] = "application/json",
            ["x-list"] = "one,two",
            ["host"] = "api.example.com",
        }));

        echo.Method.ShouldBe("POST");
        echo.Scheme.ShouldBe("https");
        echo.Host.ShouldBe("api.example.com");
        echo.Path.ShouldBe("/echo/a");
        echo.Query.ShouldBe("b=1&b=2&c=é");
        echo.Body.ShouldBe("{\"name\":\"é\"}");
        echo.Headers["x-list"].ShouldBe("one,two");
        echo.Headers["content-length"].ShouldBe("13");
        echo.RemoteIp.ShouldBe("203.0.113.7");
    }

    [Theory]
    [InlineData("/echo/a%20b", "/echo/a b")]
    [InlineData("/echo/a+b", "/echo/a+b")]
    [InlineData("/echo/a%2Fb", "/echo/a%2Fb")]
    [InlineData("/echo/a%2fb%20c", "/echo/a%2fb c")]
    [InlineData("/echo/%C3%A9", "/echo/é")]
    [InlineData("/echo/100%", "/echo/100%")]
    public async Task A_path_is_decoded_but_its_slashes_are_not(string raw, string path)
    {
        var echo = await EchoOf(GatewayEvents.Of("GET", raw, query: "q=%2F"));

        echo.Path.ShouldBe(path);
        echo.RawTarget.ShouldBe(raw + "?q=%2F");
    }

    [Fact]
    public async Task A_named_stage_is_no_part_of_the_path()
    {
        var echo = await EchoOf(GatewayEvents.Of("GET", "/live/echo/a", stage: "live"));

        echo.Path.ShouldBe("/echo/a");
    }

    [Fact]
    public async Task Cookies_come_from_their_own_list()
    {
        var echo = await EchoOf(GatewayEvents.Of("GET", "/echo/a", cookies: ["one=1", "two=2"]));

        echo.Cookies.ShouldBe(new Dictionary<string, string> { ["one"] = "1", ["two"] = "2" });
    }

    [Fact]
    public async Task A_base64_body_is_decoded()
    {
        var echo = await EchoOf(GatewayEvents.Of("PUT", "/echo/a", body: Convert.ToBase64String("grüße"u8), isBase64: true));

        echo.Body.ShouldBe("grüße");
    }

    [Fact]
    public async Task The_authorizers_claims_are_the_user()
    {
        var echo = await EchoOf(GatewayEvents.Of("GET", "/echo/a", claims: new() { ["sub"] = "usr_1", ["sid"] = "ses_1" }, scopes: ["read", "write"]));

        echo.SignedIn.ShouldBeTrue();
        echo.Claims.ShouldBe(["sub=usr_1", "sid=ses_1", "scope=read write"], ignoreOrder: true);
    }

    [Fact]
    public async Task Without_an_authorizer_nobody_is_signed_in_whatever_the_headers_say()
    {
        var echo = await EchoOf(GatewayEvents.Of("GET", "/echo/a", headers: new() { ["authorization"] = "Bearer x", ["x-amzn-oidc-identity"] = "usr_1" }));

        echo.SignedIn.ShouldBeFalse();
        echo.Claims.ShouldBeEmpty();
    }

    [Fact]
    public async Task Set_cookies_go_into_their_own_list_and_repeated_headers_are_joined()
    {
        var answer = await app.SendAsync(GatewayEvents.Of("GET", "/cookies"));

        answer.StatusCode.ShouldBe(204);
        answer.Cookies.ShouldBe(["one=1; path=/", "two=2; path=/; httponly"]);
        answer.Headers.ShouldNotBeNull()["link"].ShouldBe("<a>,<b>");
        answer.Headers.ShouldNotContainKey("set-cookie");
        answer.Body.ShouldBeNull();
    }

    [Theory]
    [InlineData("/bytes")]
    [InlineData("/not-text")]
    public async Task Bytes_that_are_no_text_are_sent_as_base64(string path)
    {
        var answer = await app.SendAsync(GatewayEvents.Of("GET", path));

        answer.IsBase64Encoded.ShouldBeTrue();
        Convert.FromBase64String(answer.Body.ShouldNotBeNull()).Length.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_file_is_sent_in_the_range_that_was_asked_for()
    {
        var answer = await app.SendAsync(GatewayEvents.Of("GET", "/file", headers: new() { ["range"] = "bytes=0-1" }));

        answer.StatusCode.ShouldBe(206);
        Encoding.ASCII.GetString(Convert.FromBase64String(answer.Body.ShouldNotBeNull())).ShouldBe("MZ");
    }

    [Fact]
    public async Task An_answer_that_Lambda_would_refuse_becomes_a_problem_that_says_so()
    {
        var largest = await app.SendAsync(GatewayEvents.Of("GET", "/large/6200000"));
        var tooLarge = await app.SendAsync(GatewayEvents.Of("GET", "/large/6300000"));
        var tooLargeOnceEncoded = await app.SendAsync(GatewayEvents.Of("GET", "/large-bytes/5000000"));

        largest.StatusCode.ShouldBe(200);
        tooLarge.StatusCode.ShouldBe(500);
        tooLargeOnceEncoded.StatusCode.ShouldBe(500);
        tooLarge.Headers.ShouldNotBeNull()["content-type"].ShouldBe("application/problem+json");
        JsonDocument.Parse(tooLarge.Body.ShouldNotBeNull()).RootElement.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("6 MB");
    }

    [Fact]
    public async Task An_unhandled_exception_is_a_bare_500()
    {
        var answer = await app.SendAsync(GatewayEvents.Of("GET", "/throw"));

        answer.StatusCode.ShouldBe(500);
        answer.Body.ShouldBeNull();
    }

    [Fact]
    public async Task A_request_that_would_outlast_the_function_is_aborted_and_answered_in_time()
    {
        var answer = await app.SendAsync(GatewayEvents.Of("GET", "/wait"), timeLeft: TimeSpan.FromSeconds(1));

        answer.StatusCode.ShouldBe(504);
    }

    [Fact]
    public async Task Headers_may_be_set_until_the_response_ends()
    {
        var answer = await app.SendAsync(GatewayEvents.Of("GET", "/late-header"));

        answer.Headers.ShouldNotBeNull()["x-late"].ShouldBe("yes");
        answer.Body.ShouldBe("body first");
    }

    private async Task<Echo> EchoOf(object gatewayEvent)
    {
        var answer = await app.SendAsync(gatewayEvent);
        answer.StatusCode.ShouldBe(200);
        answer.IsBase64Encoded.ShouldBeFalse();
        return JsonSerializer.Deserialize<Echo>(answer.Body.ShouldNotBeNull(), JsonSerializerOptions.Web).ShouldNotBeNull();
    }
}
