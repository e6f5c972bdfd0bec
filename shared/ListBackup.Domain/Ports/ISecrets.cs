namespace ListBackup.Domain;

/// <summary>
/// Secrets by name, such as <c>connections/con_…</c>. Values are encrypted at rest. Nothing here is ever logged.
/// </summary>
public interface ISecrets
{
    /// <summary>The secret's newest value, or null when there is none.</summary>
    Task<string?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>Creates or replaces the secret.</summary>
    Task PutAsync(string name, string value, CancellationToken cancellation);

    /// <summary>Deletes it; nothing happens when there is none.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation);
}
