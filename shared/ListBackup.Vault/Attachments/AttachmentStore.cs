using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Attachments;

/// <summary>Puts and opens attachments under f/. Memory holds a few chunks, whatever their size.</summary>
internal sealed class AttachmentStore(VaultCore core)
{
    /// <summary>
    /// Stores a content. Its name and key follow from all of it, so it is read twice: a stream that cannot go back waits in the spill folder
    /// meanwhile, under a key that never leaves memory. A content that is stored already is not put again, but for names that the plans give up.
    /// </summary>
    public async Task<Attachment> PutAsync(string path, Stream content, AttachmentPlans.State plans, CancellationToken cancellation)
    {
        if (path.Length is 0 or > Attachment.PathLengthMax) throw new ArgumentException($"An attachment's path has 1 to {Attachment.PathLengthMax} characters.", nameof(path));
        if (!content.CanSeek) return await PutSpooledAsync(path, content, plans, cancellation);
        var start = content.Position;
        var sum = new ContentSum();
        var buffer = new byte[AttachmentFile.ChunkBytes];
        for (int length; (length = await content.ReadAsync(buffer, cancellation)) > 0;) sum.Append(buffer.AsSpan(0, length));
        content.Position = start;
        return await PutAsync(path, sum.Finish(), content, plans, cancellation);
    }

    /// <summary>The content as a stream. What it gives out is authentic; that it is whole shows at its end.</summary>
    /// <exception cref="VaultDamagedException">The object is gone or damaged; while reading, too.</exception>
    public async Task<Stream> OpenAsync(Attachment attachment, CancellationToken cancellation)
    {
        var name = ObjectNames.Attachment(attachment.Name);
        try
        {
            var stored = await core.Objects.OpenReadAsync(name, cancellation);
            return new ChunkedStream(AttachmentFile.DecryptAsync(stored, core.Secrets.AttachmentKey(attachment.Sha256), attachment.Size, attachment.Sha256, name, cancellation), attachment.Size, stored);
        }
        catch (ObjectNotFoundException exception)
        {
            throw new VaultDamagedException(name, 0, "The attachment is gone.", exception);
        }
    }

    /// <summary>
    /// Names of the attachments that any stored version in the source's newest manifest refers to; what else lies under f/ is garbage, if no
    /// other source and no running backup refers to it. Reads the streams that ever had attachments, and no others.
    /// </summary>
    public async Task<IReadOnlySet<string>> ReferredAsync(Manifest newest, CancellationToken cancellation)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var state in newest.Streams.Values.Where(state => state.HasAttachments == true))
        {
            var reader = await GroupReader.OpenAsync(core, state.Sections, newest.Seq, cancellation);
            await foreach (var group in reader.ReadAsync(0, cancellation))
                names.UnionWith(group.Versions.SelectMany(version => version.Line.Attachments).Select(attachment => attachment.Name));
        }

        return names;
    }

    private async Task<Attachment> PutSpooledAsync(string path, Stream content, AttachmentPlans.State plans, CancellationToken cancellation)
    {
        var folder = core.Options.SpillFolder ?? Path.GetTempPath();
        Directory.CreateDirectory(folder);
        var key = RandomNumberGenerator.GetBytes(Kdf.KeyByteCount);
        var sum = new ContentSum();
        await using var spool = new FileStream(
            Path.Combine(folder, $"listbackup-attachment-{Guid.CreateVersion7():n}"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        await foreach (var chunk in AttachmentFile.EncryptAsync(content, key, sum, cancellation)) await spool.WriteAsync(chunk, cancellation);
        var (size, sha256) = sum.Finish();
        spool.Position = 0;
        await using var plain = new ChunkedStream(AttachmentFile.DecryptAsync(spool, key, size, sha256, "the spill file", cancellation), size, source: null);
        return await PutAsync(path, (size, sha256), plain, plans, cancellation);
    }

    private async Task<Attachment> PutAsync(string path, (long Size, string Sha256) sum, Stream content, AttachmentPlans.State plans, CancellationToken cancellation)
    {
        var attachment = new Attachment(path, NameOf(sum.Sha256, plans), sum.Size, sum.Sha256);
        var name = ObjectNames.Attachment(attachment.Name);
        if ((await core.Objects.HeadAsync(name, cancellation))?.Size == AttachmentFile.StoredSize(sum.Size)) return attachment;
        await using var stored = new ChunkedStream(AttachmentFile.EncryptAsync(content, core.Secrets.AttachmentKey(sum.Sha256), sum: null, cancellation), AttachmentFile.StoredSize(sum.Size), source: null);
        await core.Objects.PutStreamAsync(name, stored, cancellation);
        return attachment;
    }

    /// <summary>The first name of the content that no plan gives up: what lies under the others may be deleted at any time.</summary>
    private string NameOf(string sha256, AttachmentPlans.State plans)
    {
        for (var generation = 0; ; generation++)
        {
            var name = core.Secrets.AttachmentName(sha256, generation);
            if (!plans.Names.ContainsKey(name)) return name;
        }
    }
}
