using System.Text.RegularExpressions;
using ListBackup.Domain;

namespace ListBackup.Testing;

/// <summary>Keeps what was sent, for tests to read.</summary>
public sealed partial class MemoryMail : IMail
{
    private readonly Lock _lock = new();
    private readonly List<MailMessage> _sent = [];

    public Task SendAsync(MailMessage message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) _sent.Add(message);
        return Task.CompletedTask;
    }

    public IReadOnlyList<MailMessage> To(string email)
    {
        lock (_lock) return [.. _sent.Where(m => m.To == email)];
    }

    /// <summary>The code in the newest message to that address.</summary>
    public string CodeTo(string email) => Code().Match(To(email)[^1].Text) is { Success: true } match
        ? match.Value.Trim()
        : throw new InvalidOperationException($"The newest message to {email} has no code.");

    [GeneratedRegex("^\\s+[0-9a-z]{5}(-[0-9a-z]{5})+\\s*$", RegexOptions.Multiline)]
    private static partial Regex Code();
}
