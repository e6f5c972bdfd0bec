using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

internal sealed class MembershipEndpoints(CrmStore store, Listings listings, RecordBytes records)
{
    private readonly MembershipWrites _writes = new(store);

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/lists/{list}/memberships", ListAsync);
        api.MapGet("/lists/{list}/memberships/{contact}", GetAsync);
        api.MapPut("/lists/{list}/memberships/{contact}", PutAsync);
        api.MapDelete("/lists/{list}/memberships/{contact}", DeleteAsync);
    }

    private Task ListAsync(HttpContext context)
    {
        var list = List(context);
        lock (store.Gate)
        {
            if (store[RecordKind.List].Find(list) is null) throw ApiProblem.NotFound("list");
        }

        return listings.CursorPageAsync(context, RecordKind.Membership, new ListFilter(Parent: list));
    }

    private Task GetAsync(HttpContext context)
    {
        byte[] json;
        lock (store.Gate)
        {
            var row = store[RecordKind.Membership].FindMembership(List(context), Contact(context)) ?? throw ApiProblem.NotFound("membership");
            json = records.One(context, RecordKind.Membership, row);
        }

        return Answers.BytesAsync(context, 200, json);
    }

    private async Task PutAsync(HttpContext context)
    {
        var body = await Answers.BodyAsync(context);
        byte[] json;
        bool created;
        lock (store.Gate)
        {
            (var row, created) = _writes.Put(List(context), Contact(context), body);
            json = records.One(context, RecordKind.Membership, row);
        }

        await Answers.BytesAsync(context, created ? 201 : 200, json);
    }

    private Task DeleteAsync(HttpContext context)
    {
        lock (store.Gate) _writes.Delete(List(context), Contact(context));
        return Answers.NothingAsync(context);
    }

    private static long List(HttpContext context) => ApiQuery.RouteId(context, RecordKind.List, "list");

    private static long Contact(HttpContext context) => ApiQuery.RouteId(context, RecordKind.Contact, "contact");
}
