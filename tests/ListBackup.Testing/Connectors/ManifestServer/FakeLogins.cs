namespace ListBackup.Testing.Manifests;

/// <summary>The tokens that the fake platform has given out, by the place where they are asked for.</summary>
internal sealed class FakeLogins(TimeProvider clock)
{
    private readonly Dictionary<string, FakeLogin> _logins = new(StringComparer.Ordinal);

    public TimeProvider Clock => clock;

    /// <summary>How long a token is good.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The grant is gone: no refresh succeeds.</summary>
    public bool Refuses { get; set; }

    /// <summary>How often a token was given.</summary>
    public int Granted { get; private set; }

    public FakeLogin Of(string place)
    {
        if (!_logins.TryGetValue(place, out var login))
            _logins[place] = login = new FakeLogin();

        return login;
    }

    /// <param name="rotates">A new refresh token comes with each access token, and each is good only once.</param>
    public void Grant(FakeLogin login, bool rotates)
    {
        Granted++;
        login.AccessToken = $"access-{Granted}";
        login.End = clock.GetUtcNow() + Lifetime;
        if (rotates)
            login.RefreshToken = $"refresh-{Granted}";
    }

    /// <summary>Takes every token back, as a platform does that ends sessions.</summary>
    public void RevokeAccess()
    {
        foreach (var login in _logins.Values)
            login.AccessToken = null;
    }
}

/// <summary>One client's tokens.</summary>
internal sealed class FakeLogin
{
    public string? AccessToken { get; set; }

    public DateTimeOffset End { get; set; }

    /// <summary>Null: the one in the configuration is still good.</summary>
    public string? RefreshToken { get; set; }
}
