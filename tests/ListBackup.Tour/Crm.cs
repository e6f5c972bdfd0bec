using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ListBackup.Tour;

/// <summary>The demo CRM as its own users see it: what the backup is held against.</summary>
internal sealed class Crm(string baseUrl) : IDisposable
{
    public const string ApiKey = "demo-key";
    private const int PageSize = 200;
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"{baseUrl}/api/v1/"), DefaultRequestHeaders = { { "X-Api-Key", ApiKey } } };

    /// <summary>Live and archived contacts by id, each as the CRM writes it.</summary>
    public async Task<Dictionary<string, JsonElement>> ContactsAsync()
    {
        var contacts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var archived in new[] { "false", "true" })
        {
            for (var offset = 0; ; offset += PageSize)
            {
                var page = await _http.GetFromJsonAsync<JsonElement>($"contacts?archived={archived}&limit={PageSize}&offset={offset}");
                var data = page.GetProperty("data");
                foreach (var contact in data.EnumerateArray()) contacts[contact.GetProperty("id").ToString()] = contact.Clone();
                if (data.GetArrayLength() < PageSize) break;
            }
        }
        return contacts;
    }

    public Task<JsonElement> CountsAsync() => _http.GetFromJsonAsync<JsonElement>("counts");

    public Task UpdateAsync(string id, JsonObject changes) => SendAsync(HttpMethod.Patch, $"contacts/{id}", changes);

    public Task CreateAsync(JsonObject contact) => SendAsync(HttpMethod.Post, "contacts", contact);

    public Task DeleteAsync(string id) => SendAsync(HttpMethod.Delete, $"contacts/{id}", null);

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"The CRM answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }
}
