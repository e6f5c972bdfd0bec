using System.IO.Pipelines;
using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>The files of exports, in a bucket of their own: <c>{account}/{job}/{file}</c>. Written as a stream, in bounded memory.</summary>
public sealed class ExportFiles(IObjectStores stores)
{
    public const string Bucket = "listbackup-exports";

    public static string NameOf(AccountId account, JobId job, string file) => $"{account}/{job}/{file}";

    /// <summary>A stream's name as a part of a file's.</summary>
    public static string Safe(string stream) => string.Concat(stream.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_').Take(100));

    /// <summary>Stores what <paramref name="produce"/> writes, while it writes; repeating it replaces the file. It returns how many records it wrote.</summary>
    public async Task<ExportFile> WriteAsync(Job job, string name, string? stream, Func<PipeWriter, CancellationToken, Task<long>> produce, CancellationToken cancellation)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pipe = new Pipe();
        var writing = ProduceAsync(produce, pipe.Writer, failed.Token);
        await using var content = new MeasuredStream(pipe.Reader.AsStream());
        try
        {
            await stores.Bucket(Bucket).PutStreamAsync(NameOf(job.AccountId, job.Id, name), content, cancellation);
        }
        catch
        {
            await failed.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await writing.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
        return new(name, stream, await writing, content.Count, content.Sha256());
    }

    public Task<Stream> OpenAsync(AccountId account, JobId job, string file, CancellationToken cancellation) =>
        stores.Bucket(Bucket).OpenReadAsync(NameOf(account, job, file), cancellation);

    public Task DeleteAsync(AccountId account, JobId job, string file, CancellationToken cancellation) =>
        stores.Bucket(Bucket).DeleteAsync(NameOf(account, job, file), cancellation);

    /// <summary>Removes all that an export has stored.</summary>
    public async Task DeleteAllAsync(AccountId account, JobId job, CancellationToken cancellation)
    {
        await foreach (var file in stores.Bucket(Bucket).ListAsync(NameOf(account, job, ""), after: null, cancellation))
            await stores.Bucket(Bucket).DeleteAsync(file.Name, cancellation);
    }

    private static async Task<long> ProduceAsync(Func<PipeWriter, CancellationToken, Task<long>> produce, PipeWriter output, CancellationToken cancellation)
    {
        try
        {
            var count = await produce(output, cancellation);
            await output.CompleteAsync();
            return count;
        }
        catch (Exception failure)
        {
            // The reader of the pipe gets the failure, so that half a file is never taken for a whole one.
            await output.CompleteAsync(failure);
            throw;
        }
    }

    /// <summary>Counts and hashes what is read through it.</summary>
    private sealed class MeasuredStream(Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public long Count { get; private set; }

        public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            _hash.AppendData(buffer.Span[..read]);
            Count += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            _hash.AppendData(buffer, offset, read);
            Count += read;
            return read;
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _hash.Dispose();
                inner.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
