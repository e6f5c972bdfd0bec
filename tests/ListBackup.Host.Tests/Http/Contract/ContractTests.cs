using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using ListBackup.Domain;

namespace ListBackup.Host.Tests;

/// <summary>
/// Every operation of the document, asked many times by it and against it: whatever comes in, the answer is one that the document tells of, has the form that it tells, and is never
/// our failure. LISTBACKUP_TEST_SEED tries other seeds than these.
/// </summary>
public sealed class ContractTests(TestHost host) : IClassFixture<TestHost>
{
    private const int RequestsEach = 12;

    // They would take the ground from under the others, or answer without an end.
    private static readonly HashSet<string> LeftOut = ["deleteAccount", "watchRun", "deleteMe", "logout", "removeMember", "leaveAccount"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_operation_answers_as_the_document_says_whatever_it_is_asked(int seed)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("LISTBACKUP_TEST_SEED"), CultureInfo.InvariantCulture, out var given)) seed += given;
        var document = JsonNode.Parse(await host.Http.GetStringAsync("/openapi/v1.json", Cancellation))!;
        var account = await host.MakeAccountAsync();
        var owner = await host.MakeMemberAsync(account, Role.Owner);
        var connection = await host.MakeConnectionAsync(account);
        var ids = new Dictionary<string, string>(StringComparer.Ordinal) { ["acc"] = account.ToString(), ["con"] = connection.ToString(), ["usr"] = owner.ToString() };
        var values = new SchemaValues(document, new Random(seed), ids);
        var answers = new AnswerSchemas(document);
        // One of each kind is enough to read.
        var wrong = new SortedDictionary<string, string>(StringComparer.Ordinal);

        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            // Documents for verifiers of tokens, whose form RFC 8414 and RFC 7517 say.
            if (path.StartsWith("/.well-known/", StringComparison.Ordinal)) continue;
            foreach (var (method, operation) in methods!.AsObject())
            {
                if (LeftOut.Contains(operation!["operationId"]!.GetValue<string>())) continue;
                for (var i = 0; i < RequestsEach; i++)
                {
                    // A token lives for minutes, and some operations end every session.
                    var token = await host.SignInAsync(owner);
                    using var request = RequestOf(method, path, operation, values, isBroken: i % 3 == 2, token);
                    using var answer = await host.Http.SendAsync(request, Cancellation);
                    var body = await answer.Content.ReadAsStringAsync(Cancellation);
                    if (answers.FindFault(operation, (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, body) is { } fault)
                        wrong.TryAdd($"{operation["operationId"]}: {fault}", $"{method.ToUpperInvariant()} {request.RequestUri?.PathAndQuery} asked: {await BodyOfAsync(request)} answer: {(int)answer.StatusCode} {Shortened(body)}");
                }
            }
        }

        string.Join("\n\n", wrong.Select(found => $"{found.Key}\n    {found.Value}")).ShouldBeEmpty($"seed {seed}");
    }

    [Fact]
    public async Task Every_body_has_an_example_of_the_form_told()
    {
        var document = JsonNode.Parse(await host.Http.GetStringAsync("/openapi/v1.json", Cancellation))!;
        var answers = new AnswerSchemas(document);
        var wrong = new List<string>();

        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            // RFC 8414 and RFC 7517 have theirs.
            if (path.StartsWith("/.well-known/", StringComparison.Ordinal)) continue;
            foreach (var (method, operation) in methods!.AsObject())
            {
                var bodies = operation!["responses"]!.AsObject().Where(r => r.Key.StartsWith('2')).Select(r => (Name: r.Key, Content: r.Value!["content"]?["application/json"]))
                    .Append((Name: "request", Content: operation["requestBody"]?["content"]?["application/json"]));
                foreach (var (name, content) in bodies)
                {
                    if (content?["schema"] is not { } schema) continue;
                    var place = $"{method.ToUpperInvariant()} {path} {name}";
                    if (content["example"] is not { } example) wrong.Add($"{place} has no example");
                    else if (answers.FindFault(schema, example.ToJsonString()) is { } fault) wrong.Add($"{place}: {fault}");
                }
            }
        }

        wrong.ShouldBeEmpty();
    }

    private static HttpRequestMessage RequestOf(string method, string path, JsonNode operation, SchemaValues values, bool isBroken, string token)
    {
        var (address, query) = (path, new List<string>());
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            var (name, isRequired) = (parameter!["name"]!.GetValue<string>(), parameter["required"]?.GetValue<bool>() is true);
            // A server refuses NUL in an address before anything of ours is asked.
            var value = Uri.EscapeDataString(values.Parameter(parameter["schema"]).Replace("\0", "", StringComparison.Ordinal));
            if (parameter["in"]!.GetValue<string>() == "path") address = address.Replace($"{{{name}}}", value.Length == 0 ? "x" : value, StringComparison.Ordinal);
            else if (parameter["in"]!.GetValue<string>() == "query" && (isRequired || value.Length % 2 == 0)) query.Add($"{name}={value}");
        }
        var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), new Uri($"{address}{(query.Count == 0 ? "" : $"?{string.Join('&', query)}")}", UriKind.Relative));
        request.Headers.Authorization = new("Bearer", token);
        if (operation["requestBody"]?["content"]?["application/json"] is { } content)
        {
            var body = isBroken ? values.Broken(content["schema"]) : values.Valid(content["schema"]);
            request.Content = new StringContent(body?.ToJsonString() ?? "null", Encoding.UTF8, "application/json");
        }
        return request;
    }

    private static async Task<string> BodyOfAsync(HttpRequestMessage request) => request.Content is null ? "nothing" : Shortened(await request.Content.ReadAsStringAsync(Cancellation));

    private static string Shortened(string text) => text.Length <= 600 ? text : $"{text[..600]}…";

    /// <summary>What the document says of answers.</summary>
    private sealed class AnswerSchemas(JsonNode document)
    {
        private readonly Dictionary<string, JsonSchema> _compiled = new(StringComparer.Ordinal);

        /// <summary>What is wrong with an answer; null: nothing.</summary>
        public string? FindFault(JsonNode operation, int status, string? type, string body)
        {
            if (status >= 500 && status != 501) return "our failure";
            var responses = operation["responses"]!;
            var isRefusal = status >= 400;
            if ((responses[$"{status}"] ?? (isRefusal ? responses["default"] : null)) is not { } response) return $"status {status} is not in the document";
            if (isRefusal && type != "application/problem+json" && response["content"]?[type ?? ""] is null) return $"a refusal of type {type}";
            if (response["content"]?.AsObject() is not { Count: > 0 } content) return body.Length == 0 || isRefusal ? null : "a body that is not in the document";
            if (type is null || content[type] is not { } told) return $"type {type} is not in the document, which has {string.Join(", ", content.Select(c => c.Key))}";
            if (told["schema"] is not { } schema || !(type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal))) return null;
            return FindFault(schema, body);
        }

        public string? FindFault(JsonNode schema, string body)
        {
            using var parsed = JsonDocument.Parse(body);
            var result = Compiled(schema).Evaluate(parsed.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
            return result.IsValid ? null : $"it is not of the form told: {string.Join("; ", Errors(result).Take(3))}";
        }

        private static IEnumerable<string> Errors(EvaluationResults result) =>
            from detail in result.Details ?? []
            where detail.Errors is { Count: > 0 }
            select $"{detail.InstanceLocation} {string.Join(", ", detail.Errors!.Values)}";

        // The schema as a document of its own, with all others beside it.
        private JsonSchema Compiled(JsonNode schema)
        {
            var text = schema.ToJsonString();
            if (_compiled.TryGetValue(text, out var known)) return known;
            var whole = new JsonObject { ["allOf"] = new JsonArray(schema.DeepClone()), ["$defs"] = document["components"]!["schemas"]!.DeepClone() };
            return _compiled[text] = JsonSchema.FromText(whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
        }
    }
}
