using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Domain;

namespace ListBackup.Host.Tests;

/// <summary>What strangers send, through the real pipeline: each gets a problem that helps an honest sender and tells a dishonest one nothing.</summary>
public sealed class HostileRequestTests(TestHost host) : IClassFixture<TestHost>
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{ \"email\": ", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("\"text\"", HttpStatusCode.BadRequest)]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("{ \"email\": 5, \"password\": \"x\" }", HttpStatusCode.BadRequest)]
    [InlineData("{ \"email\": \"a@b.example\", \"email\": \"c@d.example\", \"password\": \"x\" }", HttpStatusCode.BadRequest)]
    [InlineData("{ \"email\": \"a@b.example\", \"password\": \"x\", \"isAdmin\": true }", HttpStatusCode.BadRequest)]
    public async Task A_body_of_another_form_is_refused_without_quoting_it(string body, HttpStatusCode expected)
    {
        using var answer = await host.SendAsync("POST", "/v1/auth/login", null, body);

        answer.StatusCode.ShouldBe(expected);
        var problem = await ProblemOf(answer);
        problem["type"]!.ToString().ShouldBe("https://listbackup.dev/problems/malformed");
        problem["detail"]!.ToString().ShouldNotContain("a@b.example");
        problem["traceId"]!.ToString().Length.ShouldBe(32);
    }

    [Fact]
    public async Task A_field_that_is_not_known_is_named()
    {
        using var answer = await host.SendAsync("POST", "/v1/auth/login", null, """{ "email": "a@b.example", "password": "x", "isAdmin": true }""");

        (await ProblemOf(answer))["detail"]!.ToString().ShouldContain("$.isAdmin");
    }

    [Fact]
    public async Task Json_that_is_too_deep_is_refused()
    {
        var body = string.Concat(Enumerable.Repeat("""{"a":""", 1000)) + "1" + new string('}', 1000);

        using var answer = await host.SendAsync("POST", "/v1/auth/login", null, body);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_an_unsupported_media_type()
    {
        using var content = new StringContent("email=a", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await host.Http.PostAsync("/v1/auth/login", content, Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        await ProblemOf(answer);
    }

    [Fact]
    public async Task Ten_megabytes_are_too_large()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/auth/login");
        request.Content = new StringContent($$"""{ "email": "{{new string('a', 10 * 1024 * 1024)}}" }""", Encoding.UTF8, "application/json");
        // Asks before sending, as a client with a large body should: else the refusal may be lost while it still sends.
        request.Headers.ExpectContinue = true;

        using var answer = await host.Http.SendAsync(request, Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await ProblemOf(answer))["type"]!.ToString().ShouldEndWith("/too-large");
    }

    [Fact]
    public async Task A_body_that_does_not_tell_its_length_is_cut_off_at_the_limit()
    {
        const int limit = 1024 * 1024;
        var headers = "POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

        // Of a chunk of 10 MB just one byte more than the limit is sent; nothing more is needed for the answer.
        var answer = await RawAsync([.. Encoding.ASCII.GetBytes($"{headers}{10 * limit:x}\r\n"), .. Enumerable.Repeat((byte)' ', limit + 1)]);

        answer.ShouldStartWith("HTTP/1.1 413 ");
    }

    [Fact]
    public async Task A_token_that_was_not_issued_here_is_nobody()
    {
        var user = UserId.New(TimeProvider.System);
        var good = await host.SignInAsync(user);
        (await StatusWith(good)).ShouldNotBe(HttpStatusCode.Unauthorized);
        var parts = good.Split('.');
        var claims = (JsonObject)JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        var header = (JsonObject)JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!;

        foreach (var (name, token) in Forgeries(parts, header, claims))
            (await StatusWith(token)).ShouldBe(HttpStatusCode.Unauthorized, name);
    }

    [Fact]
    public async Task A_token_of_a_revoked_key_is_nobody()
    {
        var user = UserId.New(TimeProvider.System);
        var token = await host.SignInAsync(user);
        var keys = (ApiKeys)host.App.Services.GetService(typeof(ApiKeys))!;

        foreach (var key in await keys.ListAsync(user, Cancellation)) await keys.RevokeAsync(user, key.Id, Cancellation);

        (await StatusWith(token)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/style.css")]
    [InlineData("/docs/")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health")]
    [InlineData("/nowhere")]
    [InlineData("/v1/platforms")]
    public async Task Every_answer_carries_the_security_headers_and_its_trace(string path)
    {
        using var answer = await host.SendAsync("GET", path, null);

        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        answer.Headers.GetValues("traceparent").Single().ShouldMatch("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("frame-ancestors 'none'");
        policy.Split(';').Single(p => p.Contains("script-src") || (p.Contains("default-src") && !policy.Contains("script-src"))).ShouldNotContain("unsafe");
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task The_api_pages_load_nothing_from_elsewhere()
    {
        var page = await host.Http.GetStringAsync("/docs/", Cancellation);

        page.ShouldNotContain("http://");
        page.ShouldNotContain("https://");
        using var script = await host.SendAsync("GET", "/docs/scalar.js", null);
        script.StatusCode.ShouldBe(HttpStatusCode.OK);
        script.Content.Headers.ContentType?.MediaType.ShouldBe("text/javascript");
    }

    [Theory]
    [InlineData("/../listbackup.db")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/..%2f..%2fetc/passwd")]
    [InlineData("/_next/%2e%2e/%2e%2e/ListBackup.Host.dll")]
    public async Task No_path_leads_out_of_the_web_folder(string path)
    {
        // Raw, because every client library would tidy the path up.
        var answer = await RawAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));

        answer.Split(' ')[1].ShouldBeOneOf("400", "404");
    }

    [Fact]
    public async Task An_address_that_is_not_there_and_a_method_that_it_lacks_are_problems()
    {
        using var nowhere = await host.SendAsync("GET", "/v1/nowhere", null);
        using var method = await host.SendAsync("DELETE", "/health", null);

        nowhere.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await ProblemOf(nowhere);
        method.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        await ProblemOf(method);
    }

    [Fact]
    public async Task Ready_tries_every_part()
    {
        using var answer = await host.SendAsync("GET", "/ready", null);

        var ready = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        ready["parts"]!.AsArray().Select(p => p!["name"]!.ToString()).ShouldBe(["items", "objects", "keys", "keyFile", "queue", "disk"]);
        ready["parts"]!.AsArray().ShouldAllBe(p => (bool)p!["ready"]!);
    }

    private static IEnumerable<(string Name, string Token)> Forgeries(string[] parts, JsonObject header, JsonObject claims)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return ("nothing", "");
        yield return ("no token", "abc");
        yield return ("three empty parts", "..");
        yield return ("signature of another token", $"{parts[0]}.{Write(With(claims, "sub", UserId.New(TimeProvider.System).ToString()))}.{parts[2]}");
        yield return ("no signature", $"{parts[0]}.{parts[1]}.");
        yield return ("algorithm none", $"{Write(new JsonObject { ["alg"] = "none", ["typ"] = header["typ"]?.DeepClone() })}.{parts[1]}.");
        yield return ("algorithm none with the known key id", $"{Write(With(header, "alg", "none"))}.{parts[1]}.");
        yield return ("our own key", Sign(header, claims, own));
        yield return ("our own key, unknown key id", Sign(With(header, "kid", "other"), claims, own));
        yield return ("symmetric by the public document", SignSymmetric(With(header, "alg", "HS256"), claims, "public"u8.ToArray()));
        yield return ("expired, our own key", Sign(header, With(claims, "exp", 1), own));
        yield return ("far too long", $"{parts[0]}.{parts[1]}{new string('A', 20_000)}.{parts[2]}");
    }

    private static string Sign(JsonObject header, JsonObject claims, ECDsa key)
    {
        var text = $"{Write(header)}.{Write(claims)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    private static string SignSymmetric(JsonObject header, JsonObject claims, byte[] key)
    {
        var text = $"{Write(header)}.{Write(claims)}";
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text)))}";
    }

    private static JsonObject With(JsonObject from, string name, JsonNode value)
    {
        var copy = (JsonObject)from.DeepClone();
        copy[name] = value;
        return copy;
    }

    private static string Write(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private async Task<HttpStatusCode> StatusWith(string token)
    {
        using var answer = await host.SendAsync("GET", "/v1/platforms", token);
        return answer.StatusCode;
    }

    private static async Task<JsonNode> ProblemOf(HttpResponseMessage answer)
    {
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
        ((int)problem["status"]!).ShouldBe((int)answer.StatusCode);
        foreach (var member in new[] { "type", "title", "detail", "instance" }) problem[member]!.ToString().ShouldNotBeNullOrEmpty();
        return problem;
    }

    /// <summary>Sends bytes as they are and returns the first line of the answer.</summary>
    private async Task<string> RawAsync(byte[] bytes)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(host.Http.BaseAddress!.Host, host.Http.BaseAddress.Port, Cancellation);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(bytes, Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(Cancellation) ?? "";
    }
}
