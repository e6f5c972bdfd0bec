using ListBackup.Vault.Attachments;

namespace ListBackup.Vault;

/// <summary>Files that belong to records.</summary>
public sealed partial class BackupVault
{
    /// <summary>
    /// The content of an attachment that a record names. What the stream gives out is authentic; a stored object that is cut, lengthened or
    /// replaced shows while reading, at the end at the latest. The caller disposes the stream.
    /// </summary>
    /// <exception cref="VaultDamagedException">It is gone or damaged.</exception>
    public Task<Stream> OpenAttachmentAsync(Attachment attachment, CancellationToken cancellation) => new AttachmentStore(_core).OpenAsync(attachment, cancellation);
}
