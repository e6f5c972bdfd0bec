using System.Text;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests;

/// <summary>The token endpoint of a vendor with OAuth 2.0: access tokens end, refresh tokens stay or rotate.</summary>
/// <param name="life">How long an access token lives.</param>
/// <param name="rotates">Each refresh gives a new refresh token, and the old one is worth nothing any more.</param>
public sealed class VendorTokens(TimeProvider time, TimeSpan life, bool rotates)
{
    public const string ClientId = "listbackup-client";
    public const string ClientSecret = "listbackup-client-secret";

    private readonly Dictionary<string, DateTimeOffset> _access = [];
    private int _count;

    public string RefreshToken { get; private set; } = "refresh-0";

    /// <summary>How often a token was refreshed.</summary>
    public int Refreshes { get; private set; }

    public bool IsGood(string? token) => token is not null && _access.TryGetValue(token, out var end) && time.GetUtcNow() < end;

    /// <summary>All access tokens end now.</summary>
    public void Expire() => _access.Clear();

    /// <summary>Answers <c>grant_type=refresh_token</c>, with the client in the form or as basic authentication.</summary>
    public VendorAnswer Answer(VendorRequest request)
    {
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{ClientSecret}"));
        var knowsClient = request.Header("Authorization") == basic || (request.Form("client_id") == ClientId && request.Form("client_secret") == ClientSecret);
        if (!knowsClient) return VendorAnswer.Of(401, new JsonObject { ["error"] = "invalid_client" });
        if (request.Form("grant_type") != "refresh_token") return VendorAnswer.Of(400, new JsonObject { ["error"] = "unsupported_grant_type" });
        if (request.Form("refresh_token") != RefreshToken) return VendorAnswer.Of(400, new JsonObject { ["error"] = "invalid_grant" });

        Refreshes++;
        var access = $"access-{++_count}";
        _access[access] = time.GetUtcNow() + life;
        if (rotates) RefreshToken = $"refresh-{_count}";
        return VendorAnswer.Ok(new JsonObject
        {
            ["access_token"] = access, ["token_type"] = "bearer", ["expires_in"] = (int)life.TotalSeconds, ["refresh_token"] = RefreshToken,
        });
    }
}
