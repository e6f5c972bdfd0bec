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
public sealed record Access(Caller Caller, Account Account, Role Role)
{
    /// <summary>Refuses (403) what the role does not include, or the caller's API key.</summary>
    public void Require(Permission permission)
    {
        if (!PermissionTable.Allows(Role, permission))
            throw Problem.NotAllowed($"Your role {Role.ToString().ToLowerInvariant()} on this account does not include {permission}. An owner or admin of the account can change your role.");
        if (Caller.Scopes is { } scopes && !scopes.Contains(permission))
            throw Problem.NotAllowed($"This API key does not include {permission}.", "scope-missing");
    }
}
