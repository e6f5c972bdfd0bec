using System.Text.Json.Nodes;
using ListBackup.Demo.Crm;
using ListBackup.Demo.Webhooks;

namespace ListBackup.Demo.Api;

/// <summary>Who is called when a record changes. The secret is shown once.</summary>
internal sealed class WebhookEndpoints(WebhookSubscriptions subscriptions)
{
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks", ListAsync);
        api.MapPost("/webhooks", CreateAsync);
        api.MapDelete("/webhooks/{id}", DeleteAsync);
    }

    private Task ListAsync(HttpContext context) =>
        Answers.JsonAsync(context, 200, new JsonObject { ["data"] = new JsonArray([.. subscriptions.All.Select(Describe)]) });

    private async Task CreateAsync(HttpContext context)
    {
        var body = await Answers.BodyAsync(context);
        if (!Uri.TryCreate(CrmJson.Text(body, "url"), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new ApiProblem(422, "invalid_url", "The url is where to call: http://… or https://….");
        var made = subscriptions.Add(url);
        var described = Describe(made);
        described["secret"] = made.Secret;
        await Answers.JsonAsync(context, 201, described);
    }

    private Task DeleteAsync(HttpContext context) => subscriptions.Remove((string?)context.Request.RouteValues["id"] ?? "")
        ? Answers.NothingAsync(context)
        : throw new ApiProblem(404, "not_found", "There is no such webhook.");

    private static JsonObject Describe(WebhookSubscription subscription) => new()
    {
        ["id"] = subscription.Id, ["url"] = subscription.Url.ToString(), ["last_status"] = subscription.LastStatus,
    };
}
