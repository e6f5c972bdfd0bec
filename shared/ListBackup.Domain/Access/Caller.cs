namespace ListBackup.Domain;

/// <summary>Who asks: a signed-in person, or an API key that acts for them within its scopes.</summary>
public sealed record Caller
{
    public required UserId UserId { get; init; }

    public SessionId? SessionId { get; init; }

    public ApiKeyId? ApiKeyId { get; init; }

    /// <summary>How the audit log names them.</summary>
    public string Actor => ApiKeyId?.ToString() ?? UserId.ToString();

    /// <summary>Null: all that the person may. Else only these permissions…</summary>
    public IReadOnlySet<Permission>? Scopes { get; init; }

    /// <summary>…and, when set, only on these accounts and below.</summary>
    public IReadOnlyList<AccountId>? Accounts { get; init; }
}

/// <summary>What the access check found: the account, and the role by which the caller may.</summary>
public sealed record Access(Caller Caller, Account Account, Role Role);
