using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Demo;

namespace ListBackup.Host.Tests;

/// <summary>SIGTERM while requests are open. A supervisor kills after ten seconds at the latest; we promise five.</summary>
[Trait("Stage", "e2e")]
public sealed class StoppingTests : IDisposable
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(5);
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_open_event_stream_and_a_running_sync_do_not_hold_the_process()
    {
        // So slow a platform that the sync still runs when the process is asked to stop.
        await using var demo = await DemoPlatform.StartAsync(new() { Port = 0, Contacts = 2000, RateLimit = new(0.05, 3) }, Cancellation);
        await using var host = await HostProcess.StartAsync(_folder.Path);
        using var person = await HostClient.SignUpAsync(host.Address, _folder.Path, "Ada");
        var run = await StartSyncAsync(person, demo);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{run}/events");
        using var events = await person.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        events.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync(Cancellation));
        (await reader.ReadLineAsync(Cancellation)).ShouldBe("event: run");

        var watch = Stopwatch.StartNew();
        var exit = await host.StopAsync();

        exit.ShouldBe(0, host.Output);
        watch.Elapsed.ShouldBeLessThan(StopMax, host.Output);
    }

    [Fact]
    public async Task A_request_that_never_sends_its_body_does_not_hold_the_process()
    {
        await using var host = await HostProcess.StartAsync(_folder.Path);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(host.Address.Host, host.Address.Port, Cancellation);
        await tcp.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes("POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"), Cancellation);

        var watch = Stopwatch.StartNew();
        var exit = await host.StopAsync();

        exit.ShouldBe(0, host.Output);
        watch.Elapsed.ShouldBeLessThan(StopMax, host.Output);
    }

    /// <returns>The path of the run.</returns>
    private static async Task<string> StartSyncAsync(HostClient person, DemoPlatform demo)
    {
        var connection = await person.PostAsync($"{person.AccountPath}/connections", new JsonObject
        {
            ["name"] = "Demo",
            ["platform"] = "demo",
            ["config"] = new JsonObject { ["url"] = demo.BaseUrl, ["credentials"] = new JsonObject { ["auth_type"] = "api_key", ["api_key"] = "demo-key" } },
        });
        var source = await person.PostAsync($"{person.AccountPath}/sources", new JsonObject { ["name"] = "Demo", ["connectionId"] = (string)connection["id"]! });
        var path = $"{person.AccountPath}/sources/{source["id"]}";
        var run = await person.PostAsync($"{path}/sync", new JsonObject());
        return $"{path}/runs/{run["id"]}";
    }
}
