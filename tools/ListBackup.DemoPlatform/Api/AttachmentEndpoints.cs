using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

internal sealed class AttachmentEndpoints(CrmStore store, Listings listings, RecordBytes records)
{
    private readonly RecordWrites _writes = new(store);

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/attachments", context => listings.LinkedPageAsync(context, RecordKind.Attachment, new ListFilter(
            Parent: ApiQuery.Id(context, RecordKind.Contact, "contact_id"))));
        api.MapPost("/attachments", UploadAsync);
        api.MapGet("/attachments/{id}", GetAsync);
        api.MapGet("/attachments/{id}/content", ContentAsync);
        api.MapDelete("/attachments/{id}", DeleteAsync);
    }

    /// <summary>A link that works without a credential for an hour, as file stores hand them out.</summary>
    public Task SignedContentAsync(HttpContext context)
    {
        var number = ApiQuery.RouteId(context, RecordKind.Attachment);
        return records.IsLinkValid(number, ApiQuery.Text(context, "expires"), ApiQuery.Text(context, "signature"))
            ? ContentAsync(context)
            : throw new ApiProblem(403, "link_expired", "The link is not valid any more. Read the attachment again for a new one.");
    }

    private async Task UploadAsync(HttpContext context)
    {
        var contact = ApiQuery.Id(context, RecordKind.Contact, "contact_id") ?? throw ApiProblem.BadRequest("The parameter contact_id is required.");
        var name = ApiQuery.Text(context, "file_name") ?? throw ApiProblem.BadRequest("The parameter file_name is required.");
        var content = await Answers.BytesAsync(context, RecordWrites.ContentBytesMax);
        byte[] json;
        lock (store.Gate)
        {
            var row = _writes.Attach(contact, name, context.Request.ContentType ?? "application/octet-stream", content);
            json = records.One(context, RecordKind.Attachment, row);
        }

        await Answers.BytesAsync(context, 201, json);
    }

    private Task GetAsync(HttpContext context)
    {
        byte[] json;
        lock (store.Gate) json = records.One(context, RecordKind.Attachment, Find(context));
        return Answers.BytesAsync(context, 200, json);
    }

    private async Task ContentAsync(HttpContext context)
    {
        byte[] content;
        string type;
        lock (store.Gate)
        {
            var row = Find(context);
            content = store.Content(row);
            type = CrmJson.Text(CrmJson.Parse(store.Json(RecordKind.Attachment, row)), "content_type")!;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        context.Response.Headers.ContentDisposition = "attachment";
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private Task DeleteAsync(HttpContext context)
    {
        lock (store.Gate) _writes.Delete(RecordKind.Attachment, ApiQuery.RouteId(context, RecordKind.Attachment));
        return Answers.NothingAsync(context);
    }

    private Row Find(HttpContext context) =>
        store[RecordKind.Attachment].Find(ApiQuery.RouteId(context, RecordKind.Attachment)) ?? throw ApiProblem.NotFound("attachment");
}
