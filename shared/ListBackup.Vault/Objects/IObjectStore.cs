namespace ListBackup.Vault;

/// <summary>
/// A flat store of named byte objects: an S3 bucket, a folder, memory. The vault stands on nothing else.
/// </summary>
/// <remarks>
/// <para><b>Names</b> are 1 to 900 ASCII characters of <c>A-Z a-z 0-9 . _ - / % =</c>, with no empty, <c>.</c> or <c>..</c> part between
/// slashes and none longer than 255. An adapter refuses others with <see cref="ArgumentException"/> before it does anything (see <see cref="ObjectName"/>).</para>
/// <para><b>Atomicity.</b> An object appears whole or not at all; a reader never sees half of one. When a put returned, every later read,
/// head and list, by any process, sees it (as S3 has promised since 2020).</para>
/// <para><b>Repetition.</b> Every operation may be repeated. An unconditional put replaces, a delete of an absent object succeeds.</para>
/// <para><b>Failure.</b> <see cref="ObjectStoreException"/> and its children. After <see cref="ObjectStoreUnavailableException"/> of a put or
/// delete, the effect is unknown: it may have happened, or happen shortly. The vault copes; an adapter must not hide it by guessing.</para>
/// <para>Adapters are safe for concurrent use. Time-outs and bounded retries are the adapter's (or its wrappers') business. A retried
/// conditional put may meet its own first effect: an adapter that retries those internally would report <see cref="ObjectExistsException"/>
/// for its own object, which the vault also copes with by reading back.</para>
/// </remarks>
public interface IObjectStore
{
    /// <summary>What is known of the object without reading it; null when there is none.</summary>
    Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation);

    /// <summary>The whole object.</summary>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    Task<byte[]> ReadAsync(string name, CancellationToken cancellation);

    /// <summary>Exactly <paramref name="length"/> bytes from <paramref name="offset"/>; fewer only where the object ends. An offset at or past the end gives an empty array.</summary>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation);

    /// <summary>The object as a stream, for what does not fit in memory (exports, assets). The caller disposes it.</summary>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    Task<Stream> OpenReadAsync(string name, CancellationToken cancellation);

    /// <summary>Stores the object whole, durably, before it returns.</summary>
    /// <exception cref="ObjectExistsException"><paramref name="condition"/> is <see cref="PutCondition.CreateOnly"/> and there is one already; of several racing writers exactly one succeeds.</exception>
    /// <exception cref="ObjectStoreFullException">No space or quota is left; nothing was stored.</exception>
    Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation);

    /// <summary>Stores what the stream holds, replacing what was there, in bounded memory; whole or not at all. The stream is read once, to its end, and left open.</summary>
    /// <exception cref="ObjectStoreFullException">No space or quota is left; nothing was stored.</exception>
    Task PutStreamAsync(string name, Stream content, CancellationToken cancellation);

    /// <summary>
    /// Objects whose name starts with <paramref name="prefix"/> (empty: all), in ascending ordinal order of name, beginning behind
    /// <paramref name="after"/> (exclusive; null: from the start). Pages are fetched while enumerating. Objects that appear or vanish
    /// meanwhile may or may not be listed; all others are listed exactly once.
    /// </summary>
    IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, CancellationToken cancellation);

    /// <summary>Removes the object. None there: nothing happens.</summary>
    /// <exception cref="ObjectLockedException">The store does not let it go.</exception>
    Task DeleteAsync(string name, CancellationToken cancellation);
}

/// <summary>The object stores of an installation by bucket name, for example <c>listbackup-{accountId}</c>.</summary>
public interface IObjectStores
{
    /// <summary>The bucket's store. Makes no request; a bucket that does not exist shows at the first use (folders and memory make theirs at the first put).</summary>
    /// <exception cref="ArgumentException">The name is not 3 to 63 characters of <c>a-z 0-9 -</c>, starting and ending with a letter or digit.</exception>
    IObjectStore Bucket(string name);
}

/// <summary>When a put may take effect.</summary>
public enum PutCondition
{
    /// <summary>Always; an object of this name is replaced.</summary>
    Replace,

    /// <summary>Only if there is no object of this name (<c>If-None-Match: *</c>).</summary>
    CreateOnly,
}

/// <summary>What a store knows of an object without its bytes.</summary>
/// <param name="Name">Its full name in the bucket.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When it was stored by the store's clock; for people, never for decisions about data.</param>
/// <param name="Sha256">The store's own record of the content's SHA-256 as lower-case hex, where it keeps one; null where it does not (lists need not carry it).</param>
public sealed record ObjectHead(string Name, long Size, DateTimeOffset Modified, string? Sha256 = null);
