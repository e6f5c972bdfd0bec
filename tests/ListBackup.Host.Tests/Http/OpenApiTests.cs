using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ListBackup.Host.Tests;

/// <summary>The document that the web client's types are made from: complete, consistent, and the committed copy is the served one.</summary>
public sealed class OpenApiTests(TestHost host) : IClassFixture<TestHost>
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    // Pages and documents about the API are not part of it.
    private static readonly Regex NotApi = new("^/(docs|openapi|\\.well-known)(/|$)", RegexOptions.None, TimeSpan.FromSeconds(1));

    [Fact]
    public async Task It_is_a_3_1_document()
    {
        var document = await DocumentAsync();

        document["openapi"]!.ToString().ShouldStartWith("3.1.");
        document["info"]!["title"]!.ToString().ShouldBe("ListBackup");
        document["components"]!["securitySchemes"]!["accessToken"]!["scheme"]!.ToString().ShouldBe("bearer");
    }

    [Fact]
    public async Task Every_endpoint_is_in_it_with_an_operation_id_of_its_own()
    {
        var operations = Operations(await DocumentAsync());
        var mapped = Route.Of(host.App).Where(r => !NotApi.IsMatch(r.Pattern)).Select(r => $"{r.Method} {Tidy(r.Pattern)}").ToList();

        operations.Select(o => o.Name).Where(name => !NotApi.IsMatch(name.Split(' ')[1])).ShouldBe(mapped, ignoreOrder: true);
        var ids = operations.Select(o => o.Operation["operationId"]?.ToString()).ToList();
        ids.ShouldAllBe(id => id != null && Regex.IsMatch(id, "^[a-z][A-Za-z0-9]+$"));
        ids.ShouldBeUnique();
    }

    [Fact]
    public async Task Every_operation_that_demands_a_permission_says_so_and_how_to_sign_in()
    {
        var operations = Operations(await DocumentAsync()).ToDictionary(o => o.Name, o => o.Operation);

        foreach (var route in Route.Of(host.App).Where(r => !NotApi.IsMatch(r.Pattern)))
        {
            var operation = operations[$"{route.Method} {Tidy(route.Pattern)}"];
            var demanded = route.Demanded?.Permission?.ToString();
            operation["x-permission"]?.ToString().ShouldBe(demanded, route.ToString());
            (operation["security"]?.AsArray().Count > 0).ShouldBe(demanded is not null, route.ToString());
            operation["responses"]!["default"].ShouldNotBeNull(route.ToString());
        }
    }

    [Fact]
    public async Task Every_operation_says_in_a_line_what_it_does()
    {
        foreach (var (name, operation) in Operations(await DocumentAsync()))
        {
            var summary = operation["summary"]?.ToString();
            summary.ShouldNotBeNullOrWhiteSpace(name);
            summary.Length.ShouldBeLessThanOrEqualTo(120, name);
            summary.ShouldNotEndWith(".", name);
        }
    }

    // RFC 9110, section 9.3.1: such a body has no meaning.
    [Fact]
    public async Task What_is_only_read_takes_no_body()
    {
        Operations(await DocumentAsync()).Where(o => o.Name.StartsWith("GET ", StringComparison.Ordinal) && o.Operation["requestBody"] is not null).Select(o => o.Name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ids_are_texts_of_a_known_form_wherever_they_stand()
    {
        var document = await DocumentAsync();

        foreach (var (name, operation) in Operations(document))
        {
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            {
                if (parameter!["in"]!.ToString() != "path" || !parameter["name"]!.ToString().EndsWith("Id", StringComparison.Ordinal)) continue;
                parameter["schema"]!["type"]!.ToString().ShouldBe("string", name);
                parameter["schema"]!["pattern"]!.ToString().ShouldMatch("^\\^[a-z]{3,4}_", $"{name} {parameter["name"]}");
            }
        }
    }

    [Fact]
    public async Task Every_part_of_a_path_is_described()
    {
        foreach (var (name, operation) in Operations(await DocumentAsync()))
        {
            var inPath = Regex.Matches(name, @"\{(\w+)\}").Select(m => m.Groups[1].Value);
            var described = operation["parameters"]?.AsArray().Where(p => p!["in"]!.ToString() == "path").Select(p => p!["name"]!.ToString()) ?? [];
            described.ShouldBe(inPath, ignoreOrder: true, name);
        }
    }

    [Fact]
    public async Task Every_reference_leads_somewhere()
    {
        var document = await DocumentAsync();

        foreach (var reference in References(document).Distinct(StringComparer.Ordinal))
        {
            JsonNode? node = document;
            foreach (var key in reference.TrimStart('#', '/').Split('/')) node = node?[key.Replace("~1", "/").Replace("~0", "~")];
            node.ShouldNotBeNull(reference);
        }
    }

    private async Task<JsonNode> DocumentAsync() => JsonNode.Parse(await host.Http.GetStringAsync("/openapi/v1.json", Cancellation))!;

    private static List<(string Name, JsonNode Operation)> Operations(JsonNode document) =>
    [
        .. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => ($"{method.Key.ToUpperInvariant()} {path.Key}", method.Value!))),
    ];

    // Constraints and optional markers are no part of the document's paths.
    private static string Tidy(string pattern) => "/" + Regex.Replace(pattern, @"\{\**(\w+)[^}]*\}", "{$1}").Trim('/');

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(p => p.Key == "$ref" && p.Value is JsonValue ? [p.Value.ToString()] : References(p.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
