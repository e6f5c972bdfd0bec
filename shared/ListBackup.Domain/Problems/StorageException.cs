namespace ListBackup.Domain;

/// <summary>
/// The storage of a self-hosted installation failed: an I/O error, a damaged or read-only file. Nothing that was acknowledged is lost by it; what was
/// under way did not happen. The API answers 503.
/// </summary>
public class StorageException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>There is no space left. Free some and repeat: nothing that was acknowledged is lost, what was under way did not happen. The API answers 507.</summary>
public sealed class StorageFullException(string message, Exception? cause = null) : StorageException(message, cause);
