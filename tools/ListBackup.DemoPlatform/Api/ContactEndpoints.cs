using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

internal sealed class ContactEndpoints(CrmStore store, Listings listings, RecordBytes records)
{
    private readonly ContactWrites _writes = new(store);

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/contacts", ListAsync);
        api.MapPost("/contacts", CreateAsync);
        api.MapGet("/contacts/{id}", GetAsync);
        api.MapPatch("/contacts/{id}", UpdateAsync);
        api.MapDelete("/contacts/{id}", DeleteAsync);
        api.MapPost("/contacts/{id}/archive", context => ArchiveAsync(context, archived: true));
        api.MapPost("/contacts/{id}/restore", context => ArchiveAsync(context, archived: false));
        api.MapPost("/contacts/{id}/merge", MergeAsync);
    }

    private Task ListAsync(HttpContext context)
    {
        if (ApiQuery.Text(context, "email") is { } email) return FindAsync(context, email);
        return listings.OffsetPageAsync(context, RecordKind.Contact, new ListFilter(
            ApiQuery.Bool(context, "archived"), ApiQuery.Time(context, "updated_since")));
    }

    /// <summary>One or none, archived or not: an address exists once.</summary>
    private Task FindAsync(HttpContext context, string email) => listings.FoundAsync(context, RecordKind.Contact, () =>
        store.FindContactByEmail(email) is { } number ? [store[RecordKind.Contact].Find(number)!] : []);

    private Task GetAsync(HttpContext context) => AnswerAsync(context, 200, id =>
        store[RecordKind.Contact].Find(id) ?? throw ApiProblem.NotFound("contact"));

    private async Task CreateAsync(HttpContext context)
    {
        var body = await Answers.BodyAsync(context);
        byte[] created;
        lock (store.Gate) created = records.One(context, RecordKind.Contact, _writes.Create(body));
        await Answers.BytesAsync(context, 201, created);
    }

    private async Task UpdateAsync(HttpContext context)
    {
        var changes = await Answers.BodyAsync(context);
        await AnswerAsync(context, 200, id => _writes.Update(id, changes));
    }

    private Task DeleteAsync(HttpContext context)
    {
        lock (store.Gate) _writes.Delete(ApiQuery.RouteId(context, RecordKind.Contact));
        return Answers.NothingAsync(context);
    }

    private Task ArchiveAsync(HttpContext context, bool archived) => AnswerAsync(context, 200, id => _writes.Archive(id, archived));

    /// <summary>The contact in the path goes, the one in the body stays.</summary>
    private async Task MergeAsync(HttpContext context)
    {
        var body = await Answers.BodyAsync(context);
        var winner = CrmJson.Number(body, "into") ?? throw ApiProblem.Invalid("The field into is the id of the contact that stays.");
        await AnswerAsync(context, 200, id => _writes.Merge(id, winner));
    }

    private Task AnswerAsync(HttpContext context, int status, Func<long, Row> act)
    {
        byte[] json;
        lock (store.Gate) json = records.One(context, RecordKind.Contact, act(ApiQuery.RouteId(context, RecordKind.Contact)));
        return Answers.BytesAsync(context, status, json);
    }
}
