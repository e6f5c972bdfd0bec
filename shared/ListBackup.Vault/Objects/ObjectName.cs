using System.Buffers;

namespace ListBackup.Vault;

/// <summary>The rule for object names, in one place, for every adapter.</summary>
public static class ObjectName
{
    /// <summary>S3 allows 1,024 bytes; this leaves room for a prefix of the adapter's own.</summary>
    public const int CharactersMax = 900;

    /// <summary>Between slashes; what file systems allow.</summary>
    public const int PartCharactersMax = 255;

    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/%=");

    /// <summary>Refuses a name outside the contract of <see cref="IObjectStore"/>; returns it otherwise.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, has other characters, or an empty, <c>.</c> or <c>..</c> part.</exception>
    public static string Check(string name)
    {
        if (name.Length is 0 or > CharactersMax || name.AsSpan().ContainsAnyExcept(s_allowed))
            throw new ArgumentException($"An object name is 1 to {CharactersMax} characters of A-Z a-z 0-9 . _ - / % =.", nameof(name));
        foreach (var part in name.AsSpan().Split('/'))
        {
            if (name.AsSpan()[part] is "" or "." or "..")
                throw new ArgumentException("An object name has no empty, '.' or '..' part.", nameof(name));
            if (name.AsSpan()[part].Length > PartCharactersMax)
                throw new ArgumentException($"A part of an object name has at most {PartCharactersMax} characters.", nameof(name));
        }

        return name;
    }
}
