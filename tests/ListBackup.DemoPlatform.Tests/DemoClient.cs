using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Demo.Tests;

/// <summary>A CRM with a clock of its own, and the plainest client for it.</summary>
public sealed class DemoClient : IAsyncDisposable
{
    private DemoClient(DemoPlatform demo, FakeTimeProvider time)
    {
        Demo = demo;
        Time = time;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true }) { BaseAddress = new Uri(demo.BaseUrl) };
        Http.DefaultRequestHeaders.Add("X-Api-Key", "demo-key");
    }

    public DemoPlatform Demo { get; }
    public FakeTimeProvider Time { get; }
    public HttpClient Http { get; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<DemoClient> StartAsync(Func<DemoPlatformOptions, DemoPlatformOptions>? change = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var options = new DemoPlatformOptions { Contacts = 300, Time = time };
        return new DemoClient(await DemoPlatform.StartAsync(change is null ? options : change(options), Cancellation), time);
    }

    public Task<string> TextAsync(string path) => Http.GetStringAsync(path, Cancellation);

    public async Task<JsonElement> GetAsync(string path) => Parse(await TextAsync(path));

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? json = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await Http.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        return (response.StatusCode, text == "" ? default : Parse(text));
    }

    /// <summary>Every record of an offset listing, in pages of this size.</summary>
    public async Task<List<JsonElement>> ContactsAsync(string query = "", int limit = 100)
    {
        var all = new List<JsonElement>();
        while (true)
        {
            var page = await GetAsync($"/api/v1/contacts?offset={all.Count}&limit={limit}{query}");
            all.AddRange(page.GetProperty("data").EnumerateArray());
            if (page.GetProperty("data").GetArrayLength() < limit) return all;
        }
    }

    public static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Demo.DisposeAsync();
    }
}
