namespace ListBackup.Domain;

/// <summary>
/// An identifier: a type prefix, an underscore and a UUIDv7 in Crockford base32, such as <c>src_06b2…</c>.
/// Ids made later sort later as text, within the clock's millisecond.
/// </summary>
public interface IId<TSelf> : IParsable<TSelf>
    where TSelf : struct, IId<TSelf>
{
    /// <summary>The type prefix without the underscore; two to four lower-case letters.</summary>
    static abstract string Prefix { get; }

    /// <summary>Makes a fresh id whose time part comes from <paramref name="clock"/>.</summary>
    static abstract TSelf New(TimeProvider clock);

    /// <summary>Takes text that <see cref="IdText.IsValid"/> accepted.</summary>
    static abstract TSelf FromValid(string text);
}
