using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ListBackup.Testing;

/// <summary>A platform on loopback that lists its own tables at <c>/tables</c> and has one row wherever else it is asked.</summary>
public static class TablesPlatform
{
    /// <param name="tables">The list, as JSON, broken or not.</param>
    /// <param name="cancellation">Cancels the start.</param>
    public static async Task<WebApplication> StartAsync(string tables, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var platform = builder.Build();
        platform.Run(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(context.Request.Path == "/tables" ? tables : """{"items":[{"id":1}]}""", context.RequestAborted);
        });
        await platform.StartAsync(cancellation);
        return platform;
    }
}
