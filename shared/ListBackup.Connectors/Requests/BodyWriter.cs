using System.Security;

namespace ListBackup.Connectors.Requests;

/// <summary>Takes a body as it comes: into memory as far as it may, then into a temporary file.</summary>
internal sealed class BodyWriter(BodyLimits limits) : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    private PageBuffer? _held = new(int.MaxValue, limits.Pool);
    private FileStream? _file;
    private byte[] _chunk = [];
    private long _length;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Space => _file is null ? _held!.GetMemory(Math.Min(ReadBytes, Math.Max(1, limits.HeldBytesMax - _held.Length))) : _chunk;

    /// <summary>Makes room at once where the length is known and will be held.</summary>
    public void Expect(long? length)
    {
        // One byte more than is expected, so that the end is seen without growing.
        if (length < limits.HeldBytesMax)
            _held!.Expect((int)length.Value + 1);
    }

    /// <exception cref="TransportException">That was more than the limit.</exception>
    /// <exception cref="TemporarySpaceException">The file cannot be written.</exception>
    public void Advance(int count)
    {
        _length += count;
        if (_length > limits.BytesMax)
            throw new TransportException(TransportFailure.TooLarge, "the answer is larger than the limit");

        try
        {
            if (_file is not null)
                _file.Write(_chunk.AsSpan(0, count));
            else
                Hold(count);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SecurityException)
        {
            throw new TemporarySpaceException(limits.Folder, exception);
        }
    }

    /// <summary>The body; the caller disposes it.</summary>
    public AnswerBody Finish()
    {
        var body = _file is not null ? new AnswerBody(_file) : new AnswerBody(_held!);
        (_held, _file) = (null, null);
        Dispose();

        return body;
    }

    public void Dispose()
    {
        _held?.Dispose();
        _file?.Dispose();
        if (_chunk.Length > 0)
            limits.Pool.Return(_chunk);
        (_held, _file, _chunk) = (null, null, []);
    }

    private void Hold(int count)
    {
        _held!.Advance(count);
        if (_held.Length < limits.HeldBytesMax)
            return;

        _file = TemporaryFile.Create(limits.Folder);
        _file.Write(_held.Memory.Span);
        _chunk = limits.Pool.Rent(ReadBytes);
        _held.Dispose();
        _held = null;
    }
}

/// <summary>A large answer could not be put into the temporary folder: it is missing, full or not ours. Nothing is wrong with the platform.</summary>
public sealed class TemporarySpaceException(string folder, Exception inner)
    : IOException($"An answer that is too large to be held in memory does not fit into the temporary folder {folder}. It needs room for a few answers of the largest allowed size.", inner);

/// <summary>A file of records that must not outlive the process: it has no name where the system allows that, and is for this user only.</summary>
internal static class TemporaryFile
{
    public static FileStream Create(string folder)
    {
        var path = Path.Combine(folder, $"listbackup-{Guid.CreateVersion7():n}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, WithDeletion(options));

        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        try
        {
            // Without its name it cannot be left behind, however the process ends.
            File.Delete(path);

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static FileStreamOptions WithDeletion(FileStreamOptions options)
    {
        options.Options = FileOptions.DeleteOnClose;

        return options;
    }
}
