namespace ListBackup.Vault;

/// <summary>The vault refused or could not go on. Messages name objects, streams and positions, never record contents.</summary>
public class VaultException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>No vault, source, snapshot, stream or run of this name.</summary>
public sealed class VaultNotFoundException(string message) : VaultException(message);

/// <summary>The snapshot was there once; retention has let it go, and its records may be gone.</summary>
/// <param name="source">Id of the source.</param>
/// <param name="seq">Number of the snapshot.</param>
public sealed class SnapshotExpiredException(string source, long seq)
    : VaultException($"Snapshot {seq} of source {source} has expired: the source's retention no longer keeps it. 'vault snapshots' lists those that are kept.")
{
    /// <summary>Number of the snapshot.</summary>
    public long Seq { get; } = seq;
}

/// <summary>Stored bytes are not what the format, a signature or a checksum promises.</summary>
/// <param name="objectName">The object that is damaged.</param>
/// <param name="offset">Where in it, in bytes; 0 when the whole object is meant.</param>
/// <param name="message">What is wrong, without contents.</param>
/// <param name="inner">What was caught, if anything.</param>
public sealed class VaultDamagedException(string objectName, long offset, string message, Exception? inner = null)
    : VaultException($"Object {objectName} at byte {offset}: {message}", inner)
{
    /// <summary>The object that is damaged.</summary>
    public string ObjectName { get; } = objectName;

    /// <summary>Byte position of the damage; 0 when the whole object is meant.</summary>
    public long Offset { get; } = offset;
}

/// <summary>The keys at hand do not open this vault.</summary>
public sealed class VaultKeyException(string message, Exception? inner = null) : VaultException(message, inner);

/// <summary>Another worker went on from the same draft: this one works for nothing and must stop. The other's work stands.</summary>
public sealed class DraftTakenException(string message) : VaultException(message);

/// <summary>
/// The run or the compaction rested so long that a collection of garbage has given up what it wrote. Nothing was committed and nothing stored is
/// lost; abandon the run and start another.
/// </summary>
/// <param name="source">Id of the source.</param>
/// <param name="reason">Why; half a sentence.</param>
public sealed class ObjectsCollectedException(string source, string reason)
    : VaultException($"This work on source {source} cannot be committed: {reason}. Nothing was committed; abandon it and start again.");

/// <summary>A commit lost the race more often than <see cref="VaultOptions.CommitAttemptsMax"/>. Nothing was committed; try again later.</summary>
public sealed class CommitContendedException(string message) : VaultException(message);
