using ListBackup.Domain;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Functions;

/// <summary>The person behind a request, for what no API key may do in their place.</summary>
public static class SignedInPerson
{
    /// <summary>The signed-in person with their token. Refuses API keys with 403: a key must not change who may sign in, or make more keys.</summary>
    public static SignedIn GetSignedIn(this HttpContext http)
    {
        var caller = http.GetCaller();
        if (caller.ApiKeyId is not null) throw Problem.NotAllowed("An API key cannot do this. Sign in as a person.", "person-required");
        var authorization = http.Request.Headers.Authorization.ToString();
        const string Bearer = "Bearer ";
        return new(caller.UserId, caller.SessionId, authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : "");
    }

    public static ClientInfo GetClientInfo(this HttpContext http)
    {
        var agent = http.Request.Headers.UserAgent.ToString();
        return new(http.Connection.RemoteIpAddress?.ToString(), agent.Length == 0 ? null : agent);
    }
}
