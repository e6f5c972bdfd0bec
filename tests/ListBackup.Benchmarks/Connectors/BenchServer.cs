using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ListBackup.Benchmarks.Connectors;

/// <summary>
/// The platform of the connector benchmarks, in a process of its own so that its work is not counted. <c>/items</c> has <c>pages</c> pages of <c>size</c>
/// records (asked for by number, offset or token; by month when <c>since</c> is given), <c>/huge</c> one page of <c>bytes</c> bytes.
/// </summary>
internal static class BenchServer
{
    private static readonly Dictionary<int, byte[][]> Sets = new() { [100] = BenchRecords.Pages(100), [1000] = BenchRecords.Pages(1000) };

    /// <summary>Prints its address and serves until its input ends, so that it never outlives the one who started it.</summary>
    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        await using var application = builder.Build();
        application.MapGet("/items", ItemsAsync);
        application.MapGet("/huge", HugeAsync);
        await application.StartAsync();
        Console.WriteLine(application.Urls.First());
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Whatever is said: the end of the input is what counts.
        }
    }

    private static async Task ItemsAsync(HttpContext context)
    {
        var size = Number(context, "size", 1000);
        var pages = Number(context, "pages", 1);
        var page = context.Request.Query.ContainsKey("offset") ? Number(context, "offset", 0) / size : Number(context, "page", 0);
        var month = context.Request.Query["since"].ToString() is { Length: >= 7 } since ? int.Parse(since.AsSpan(5, 2), CultureInfo.InvariantCulture) : 0;
        var rows = page < pages ? BenchRecords.Page(Sets[(int)size], month, page) : [];
        var end = Encoding.ASCII.GetBytes(page + 1 < pages ? $"],\"next\":\"{page + 1}\"}}" : "]}");
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = 10 + rows.Length + end.Length;
        var output = context.Response.BodyWriter;
        output.Write("{\"items\":["u8);
        output.Write(rows);
        output.Write(end);
        await output.FlushAsync(context.RequestAborted);
    }

    private static async Task HugeAsync(HttpContext context)
    {
        var bytes = Number(context, "bytes", 0);
        var rows = Sets[1000];
        await context.Response.Body.WriteAsync("{\"items\":["u8.ToArray(), context.RequestAborted);
        long written = 0;
        for (var page = 0L; written < bytes; page++)
        {
            if (page > 0)
                await context.Response.Body.WriteAsync(","u8.ToArray(), context.RequestAborted);
            var next = BenchRecords.Page(rows, 0, page);
            await context.Response.Body.WriteAsync(next, context.RequestAborted);
            written += next.Length;
        }

        await context.Response.Body.WriteAsync("]}"u8.ToArray(), context.RequestAborted);
    }

    private static void Write(this System.IO.Pipelines.PipeWriter output, ReadOnlySpan<byte> bytes) => System.Buffers.BuffersExtensions.Write(output, bytes);

    private static long Number(HttpContext context, string name, long fallback) =>
        long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : fallback;
}
