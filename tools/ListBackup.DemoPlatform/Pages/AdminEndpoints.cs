using System.Text.Json.Nodes;
using ListBackup.Demo.Access;
using ListBackup.Demo.Api;
using ListBackup.Demo.Crm;
using ListBackup.Demo.Faults;

namespace ListBackup.Demo.Pages;

/// <summary>
/// The home page and what tests and demonstrations steer. No credential: the server listens on loopback only. A browser on another site may not press
/// the buttons, so a request that says it comes from elsewhere is refused.
/// </summary>
internal sealed class AdminEndpoints(CrmStore store, Disasters disasters, FaultPlan faults, OAuthServer oauth, DemoPlatformOptions options)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/", context => HomeAsync(context, done: null));
        app.MapPost("/", PressAsync);
        app.MapPost("/admin/disaster", DisasterAsync);
        app.MapPost("/admin/reset", context => DoAsync(context, () => Happen("reset", 0, 0, 1)));
        app.MapPost("/admin/faults", AddFaultAsync);
        app.MapGet("/admin/faults", context => Answers.JsonAsync(context, 200, new JsonObject { ["left"] = faults.Left }));
        app.MapDelete("/admin/faults", context => DoAsync(context, () => { faults.Clear(); return 0; }));
        app.MapPost("/admin/oauth/expire", context => DoAsync(context, () => { oauth.ExpireAccessTokens(); return 0; }));
        app.MapPost("/admin/oauth/revoke", context => DoAsync(context, () => { oauth.RevokeAll(); return 0; }));
    }

    private Task HomeAsync(HttpContext context, string? done)
    {
        JsonObject counts;
        lock (store.Gate) counts = AccountEndpoints.Counts(store);
        return Answers.HtmlAsync(context, 200, HomePage.Render(counts, options, done));
    }

    private async Task PressAsync(HttpContext context)
    {
        RefuseOtherSites(context);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!int.TryParse(form["count"], out var count)) throw ApiProblem.BadRequest("The field count is a number.");
        var touched = Happen((string?)form["kind"] ?? "", count, options.Seed, list: 1);
        await HomeAsync(context, $"Done: {form["kind"]}, {touched} records.");
    }

    private async Task DisasterAsync(HttpContext context)
    {
        var body = await Answers.BodyAsync(context);
        var kind = FieldRules.RequireText(body, "kind");
        var count = (int?)CrmJson.Number(body, "count") ?? 100;
        var seed = (int?)CrmJson.Number(body, "seed") ?? options.Seed;
        await DoAsync(context, () => Happen(kind, count, seed, CrmJson.Number(body, "list_id") ?? 1));
    }

    private async Task AddFaultAsync(HttpContext context)
    {
        var body = await Answers.BodyAsync(context);
        if (!Enum.TryParse<FaultKind>(FieldRules.RequireText(body, "kind").Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var kind))
        {
            throw ApiProblem.Invalid($"The field kind is one of {string.Join(", ", Enum.GetNames<FaultKind>())}.");
        }

        var fault = new Fault
        {
            Kind = kind,
            Path = FieldRules.RequireText(body, "path"),
            Method = CrmJson.Text(body, "method"),
            Count = (int)(CrmJson.Number(body, "count") ?? 1),
            Skip = (int)(CrmJson.Number(body, "skip") ?? 0),
            RetryAfter = body.ContainsKey("retry_after") ? (int?)CrmJson.Number(body, "retry_after") : 1,
            Status = (int)(CrmJson.Number(body, "status") ?? 500),
            Delay = TimeSpan.FromMilliseconds(CrmJson.Number(body, "delay_ms") ?? 1_000),
            TotalShift = (int)(CrmJson.Number(body, "total_shift") ?? 1),
        };
        try
        {
            await DoAsync(context, () => { faults.Add(fault); return fault.Count; });
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw ApiProblem.Invalid(problem.Message);
        }
    }

    private int Happen(string kind, int count, int seed, long list)
    {
        lock (store.Gate)
        {
            switch (kind)
            {
                case "delete_contacts": return disasters.DeleteContacts(count, seed);
                case "bad_import": return disasters.BadImport(count, seed);
                case "wipe_list": return disasters.WipeList(list);
                case "browse": return disasters.Browse(count, seed);
                case "reset":
                    store.Reset();
                    return 0;
                default: throw ApiProblem.Invalid("The field kind is one of delete_contacts, bad_import, wipe_list, browse, reset.");
            }
        }
    }

    private static Task DoAsync(HttpContext context, Func<int> act)
    {
        RefuseOtherSites(context);
        return Answers.JsonAsync(context, 200, new JsonObject { ["records"] = act() });
    }

    private static void RefuseOtherSites(HttpContext context)
    {
        var origin = (string?)context.Request.Headers.Origin;
        if (origin is null || origin == $"{context.Request.Scheme}://{context.Request.Host}") return;
        throw new ApiProblem(403, "forbidden", "This can only be done from the CRM's own page.");
    }
}
