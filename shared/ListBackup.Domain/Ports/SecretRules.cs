using System.Buffers;
using System.Text;

namespace ListBackup.Domain;

/// <summary>The limits of <see cref="ISecrets"/>, held by every adapter; those of Secrets Manager.</summary>
public static class SecretRules
{
    public const int NameLengthMax = 512;

    public const int ValueBytesMax = 65_536;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+=.@-");

    /// <exception cref="ArgumentException">Names the rule that is broken, never the value.</exception>
    public static void Check(string name, string value)
    {
        CheckName(name);
        if (Encoding.UTF8.GetByteCount(value) is 0 or > ValueBytesMax) throw new ArgumentException($"The value of secret {name} has 1 to {ValueBytesMax} bytes.");
    }

    public static void CheckName(string name)
    {
        if (name.Length is 0 or > NameLengthMax || name.AsSpan().ContainsAnyExcept(Allowed))
            throw new ArgumentException($"The name of a secret is 1 to {NameLengthMax} characters of A-Z a-z 0-9 / _ + = . @ -.");
    }
}
