using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

/// <summary>Companies, lists and notes.</summary>
internal sealed class RecordEndpoints(CrmStore store, Listings listings, RecordBytes records)
{
    private readonly RecordWrites _writes = new(store);

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/companies", CompaniesAsync);
        api.MapGet("/lists", context => listings.NumberedPageAsync(context, RecordKind.List, new ListFilter()));
        api.MapGet("/notes", context => listings.LinkedPageAsync(context, RecordKind.Note, Since(context) with
        {
            Parent = ApiQuery.Id(context, RecordKind.Contact, "contact_id"),
        }));

        foreach (var kind in new[] { RecordKind.Company, RecordKind.List, RecordKind.Note })
        {
            var path = "/" + RecordKinds.Plural(kind);
            api.MapPost(path, context => CreateAsync(context, kind));
            api.MapGet(path + "/{id}", context => GetAsync(context, kind));
            api.MapPatch(path + "/{id}", context => UpdateAsync(context, kind));
            api.MapDelete(path + "/{id}", context => DeleteAsync(context, kind));
        }
    }

    private Task CompaniesAsync(HttpContext context)
    {
        if (ApiQuery.Text(context, "domain") is not { } domain) return listings.NumberedPageAsync(context, RecordKind.Company, Since(context));
        return listings.FoundAsync(context, RecordKind.Company, () => store[RecordKind.Company].View(new ListFilter())
            .FindAll(row => CrmJson.Text(CrmJson.Parse(store.Json(RecordKind.Company, row)), "domain") == domain));
    }

    private static ListFilter Since(HttpContext context) => new(Since: ApiQuery.Time(context, "updated_since"));

    private async Task CreateAsync(HttpContext context, RecordKind kind)
    {
        var body = await Answers.BodyAsync(context);
        await AnswerAsync(context, 201, kind, () => _writes.Create(kind, body));
    }

    private Task GetAsync(HttpContext context, RecordKind kind) => AnswerAsync(context, 200, kind, () =>
        store[kind].Find(ApiQuery.RouteId(context, kind)) ?? throw ApiProblem.NotFound(RecordKinds.Object(kind)));

    private async Task UpdateAsync(HttpContext context, RecordKind kind)
    {
        var changes = await Answers.BodyAsync(context);
        await AnswerAsync(context, 200, kind, () => _writes.Update(kind, ApiQuery.RouteId(context, kind), changes));
    }

    private Task DeleteAsync(HttpContext context, RecordKind kind)
    {
        lock (store.Gate) _writes.Delete(kind, ApiQuery.RouteId(context, kind));
        return Answers.NothingAsync(context);
    }

    private Task AnswerAsync(HttpContext context, int status, RecordKind kind, Func<Row> act)
    {
        byte[] json;
        lock (store.Gate) json = records.One(context, kind, act());
        return Answers.BytesAsync(context, status, json);
    }
}
