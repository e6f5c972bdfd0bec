using System.Text;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

/// <summary>What the whole process holds is measured here, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class EndlessPageTests
{
    [Fact]
    public async Task A_page_without_end_costs_no_more_memory_than_is_held()
    {
        using var http = new ConnectorHttp(Ports.Loopback with { AnswerBytesMax = 64 * 1024 * 1024, HeldBytesMax = 1_000_000 });
        await using var platform = await FakePlatform.StartAsync(HostileServerTests.SecondPage(async context =>
        {
            var rows = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("""{"id":1,"name":"somebody"},""", 4_000)));
            try
            {
                await context.Response.WriteAsync("""{"items":[""", context.RequestAborted);
                while (true)
                    await context.Response.Body.WriteAsync(rows, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // The engine hung up, which is what the test is about.
            }
        }));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await HostileServerTests.ShouldKeepTheFirstPageAndThrowBy<PlatformTooLargeException>(http, platform.Url);

        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(32 * 1024 * 1024);
    }
}
