namespace ListBackup.Embedded.Identity;

/// <summary>What the embedded issuer may be told. docs/identity.md argues the defaults.</summary>
public sealed record IdentityOptions
{
    /// <summary>Claim <c>iss</c>: the address under which people and tools reach this installation, without a slash at the end.</summary>
    public required string Issuer { get; init; }

    /// <summary>Claim <c>aud</c>.</summary>
    public string Audience { get; init; } = "listbackup";

    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A session that is not refreshed for so long ends.</summary>
    public TimeSpan SessionIdleMax { get; init; } = TimeSpan.FromDays(14);

    /// <summary>A session ends after so long whatever happens.</summary>
    public TimeSpan SessionLifetimeMax { get; init; } = TimeSpan.FromDays(90);

    public PasswordCost PasswordCost { get; init; } = PasswordCost.Default;
}

/// <summary>The cost of one Argon2id hash. <see cref="AtOnce"/> of them run at the same time; the memory of a login storm is their product.</summary>
public sealed record PasswordCost(int MemoryKiB, int Passes, int AtOnce)
{
    /// <summary>One pass more than OWASP's second choice (19 MiB, two passes, one lane): 50 to 60 ms of one core where we measured, 38 MiB for two at once.</summary>
    public static PasswordCost Default { get; } = new(19 * 1024, 3, Math.Max(2, Environment.ProcessorCount));
}
