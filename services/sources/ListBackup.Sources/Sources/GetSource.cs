using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed class GetSource(RunStore runs)
{
    public async Task<Results<Ok<SourceView>, StatusCodeHttpResult>> RunAsync(HttpContext http, SourceId sourceId, CancellationToken cancellation)
    {
        var source = await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        return http.IsNotModified(source.Version) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(SourceView.Of(source.Value));
    }
}
