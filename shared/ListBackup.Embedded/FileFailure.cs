using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Embedded;

/// <summary>What a failed file call means to the vault.</summary>
internal static class FileFailure
{
    // Linux: EFBIG (a limit on file size), ENOSPC, EDQUOT (a quota). macOS: 27, 28, 69. Windows: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
    private static readonly int[] Full = OperatingSystem.IsWindows() ? [39, 112] : OperatingSystem.IsMacOS() ? [27, 28, 69] : [27, 28, 122];

    public static ObjectStoreException Of(Exception failure, string attempt) => failure switch
    {
        IOException when IsFull(failure) => NoSpace(attempt, failure),
        UnauthorizedAccessException => new ObjectStoreException($"Could not {attempt}: the file system does not allow it. Check owner and permissions of the data folder.", failure),
        _ => new ObjectStoreUnavailableException($"Could not {attempt}: {failure.GetType().Name} ({failure.HResult & 0xFFFF}).", failure),
    };

    // The inner exception is what the API answers 507 for; it knows nothing of object stores.
    private static ObjectStoreFullException NoSpace(string attempt, Exception failure)
    {
        var message = $"The disk is full: could not {attempt}. Nothing was stored.";
        return new(message, new StorageFullException(message, failure));
    }

    public static bool IsFull(Exception failure) => Full.Contains(failure.HResult & 0xFFFF);
}
