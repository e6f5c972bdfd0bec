namespace ListBackup.Vault;

/// <summary>JSON Pointers (RFC 6901), by which fields of records are named. Elements of arrays stand under <c>*</c> where all of them are meant.</summary>
public static class JsonPointer
{
    /// <summary>The unescaped parts, from the outside in.</summary>
    /// <exception cref="ArgumentException">It does not begin with <c>/</c>.</exception>
    public static string[] PartsOf(string pointer)
    {
        if (pointer is ['/', ..])
            return [.. pointer[1..].Split('/').Select(part => part.Replace("~1", "/").Replace("~0", "~"))];
        throw new ArgumentException($"'{pointer}' is no JSON Pointer to a field: it begins with '/'.", nameof(pointer));
    }

    /// <summary>The part that stands for a member's name.</summary>
    public static string Escape(string name) => name.Replace("~", "~0").Replace("/", "~1");
}
