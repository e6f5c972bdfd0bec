using System.Collections.Concurrent;
using System.Threading.Channels;
using ListBackup.Domain;
using Microsoft.Data.Sqlite;

namespace ListBackup.Embedded;

/// <summary>
/// The one database of a self-hosted installation. Reads run at once on pooled connections. Writes go to one writer thread, which commits all that wait in
/// one transaction (group commit): each is acknowledged only after its commit has reached the disk, and each succeeds or fails on its own.
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    // One commit costs one fsync whatever its size; beyond this many writes the first of them would wait noticeably long for the last.
    private const int BatchWritesMax = 256;

    // Callers wait here when the disk is slower than they are.
    private const int WaitingWritesMax = 4096;

    private const int ReadersMax = 8;

    private readonly string _path;
    private readonly SqliteSession _writer;
    private readonly Channel<IWrite> _writes = Channel.CreateBounded<IWrite>(new BoundedChannelOptions(WaitingWritesMax) { SingleReader = true });
    private readonly TaskCompletionSource _writerEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readersFree = new(ReadersMax);

    private SqliteDatabase(string path, SqliteSession writer)
    {
        _path = path;
        _writer = writer;
        // A thread of its own: it blocks on the disk, which would starve a small thread pool.
        new Thread(WriteUntilClosed) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

    /// <summary>Opens or creates the database and brings its schema up to date.</summary>
    /// <exception cref="StorageException">The file is damaged, not ours, from a newer version, or cannot be written.</exception>
    public static SqliteDatabase Open(string path, TimeProvider time)
    {
        SqliteSession? writer = null;
        try
        {
            writer = Connect(path);
            // Write-ahead log: readers never wait for the writer. FULL syncs it at every commit: an acknowledged write survives a power cut.
            writer.Execute("PRAGMA journal_mode = WAL");
            writer.Execute("PRAGMA synchronous = FULL");
            writer.Execute("PRAGMA journal_size_limit = 67108864");
            SqliteSchema.Migrate(writer, time.GetUtcNow());
            return new SqliteDatabase(path, writer);
        }
        catch (SqliteException exception)
        {
            writer?.Dispose();
            throw SqliteFailure.Of(exception, $"open {path}");
        }
        catch
        {
            writer?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> inside a transaction and returns its result once that is safely on disk. Work that throws is undone. It may run twice (after a
    /// failed group commit), so its only effects are on the session. A cancelled write may still have happened.
    /// </summary>
    /// <exception cref="StorageFullException">No space left; nothing of this write happened.</exception>
    /// <exception cref="StorageException">The storage failed.</exception>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellation)
    {
        var write = new Write<T>(work, cancellation);
        try
        {
            await _writes.Writer.WriteAsync(write, cancellation);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The database is closed.", exception);
        }
        return await write.Done;
    }

    /// <summary>Runs <paramref name="work"/> on the calling thread; it sees everything that was acknowledged before. One statement sees one state.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellation)
    {
        await _readersFree.WaitAsync(cancellation);
        try
        {
            return Read(work);
        }
        finally
        {
            _readersFree.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_writes.Writer.TryComplete()) return;
        await _writerEnded.Task;
        while (_readers.TryTake(out var reader)) reader.Dispose();
        try
        {
            // Leaves one file behind, which is what a person copies.
            _writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // A full disk, for one: the log stays and is read at the next start.
        }
        _writer.Dispose();
        _readersFree.Dispose();
    }

    private T Read<T>(Func<SqliteSession, T> work)
    {
        SqliteSession? session = null;
        try
        {
            if (!_readers.TryTake(out session))
            {
                session = Connect(_path);
                session.Execute("PRAGMA query_only = ON");
            }
            var result = work(session);
            _readers.Add(session);
            return result;
        }
        catch (SqliteException exception)
        {
            session?.Dispose();
            throw SqliteFailure.Of(exception, "read");
        }
        catch
        {
            if (session is not null) _readers.Add(session);
            throw;
        }
    }

    private void WriteUntilClosed()
    {
        var batch = new List<IWrite>(BatchWritesMax);
        while (_writes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < BatchWritesMax && _writes.Reader.TryRead(out var write)) batch.Add(write);
            Commit(batch);
            batch.Clear();
        }
        _writerEnded.SetResult();
    }

    private void Commit(List<IWrite> batch)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            foreach (var write in batch) Run(write);
            _writer.Execute("COMMIT");
        }
        catch (Exception exception)
        {
            // One of the places that catch everything: whoever waits for these writes must hear what happened to them.
            Rollback();
            var failure = exception is SqliteException sqlite ? SqliteFailure.Of(sqlite, "write") : exception;
            // A write that is too large for the disk must not take its neighbours with it.
            if (failure is StorageFullException && batch.Count > 1) batch.ForEach(write => Commit([write]));
            else batch.ForEach(write => write.Fail(failure));
            return;
        }
        foreach (var write in batch) write.Finish();
    }

    private void Run(IWrite write)
    {
        _writer.Execute("SAVEPOINT one");
        if (!write.Run(_writer)) _writer.Execute("ROLLBACK TO one");
        _writer.Execute("RELEASE one");
    }

    private void Rollback()
    {
        // After some failures SQLite has already rolled back by itself.
        if (_writer.InTransaction) _writer.Execute("ROLLBACK");
    }

    private static SqliteSession Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString());
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            // A person with sqlite3 on the same file may hold a lock for a moment.
            session.Execute("PRAGMA busy_timeout = 5000");
            session.Execute("PRAGMA cache_size = -8000");
            session.Execute("PRAGMA temp_store = MEMORY");
            session.Execute("PRAGMA cell_size_check = ON");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private interface IWrite
    {
        /// <summary>False: refused, undo what it did. Failures of the storage are thrown and concern the whole batch.</summary>
        bool Run(SqliteSession session);

        void Finish();

        void Fail(Exception exception);
    }

    private sealed class Write<T>(Func<SqliteSession, T> work, CancellationToken cancellation) : IWrite
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _refusal;

        public Task<T> Done => _done.Task;

        public bool Run(SqliteSession session)
        {
            _refusal = null;
            try
            {
                cancellation.ThrowIfCancellationRequested();
                _result = work(session);
                return true;
            }
            catch (Exception exception) when (exception is not SqliteException { SqliteErrorCode: not SqliteFailure.Constraint })
            {
                _refusal = exception;
                return false;
            }
        }

        public void Finish()
        {
            if (_refusal is null) _done.SetResult(_result!); // Set by Run, which did not refuse.
            else if (_refusal is OperationCanceledException) _done.SetCanceled(cancellation);
            else _done.SetException(_refusal);
        }

        public void Fail(Exception exception) => _done.SetException(exception);
    }
}
