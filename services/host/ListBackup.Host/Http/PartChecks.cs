using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Embedded;

namespace ListBackup.Host;

/// <summary>The parts of <c>/ready</c>, each tried by doing what the product does with it.</summary>
public static class PartChecks
{
    public static void AddPartChecks(this IServiceCollection services)
    {
        services.AddSingleton<IPartCheck, ItemsCheck>();
        services.AddSingleton<IPartCheck, ObjectsCheck>();
        services.AddSingleton<IPartCheck, KeysCheck>();
        services.AddSingleton<IPartCheck, KeyFileCheck>();
        services.AddSingleton<IPartCheck, QueueCheck>();
        services.AddSingleton<IPartCheck>(provider => new DiskCheck(provider.GetRequiredService<DataFolder>(), folder => new DriveInfo(folder).AvailableFreeSpace));
    }

    private sealed class ItemsCheck(IItemStore items) : IPartCheck
    {
        private static readonly ItemKey Probe = new(Table.Tokens, "READY", "PROBE");

        public string Name => "items";

        public async Task CheckAsync(CancellationToken cancellation)
        {
            var written = await items.PutAsync(new() { Key = Probe, Body = "{}" }, Condition.None, cancellation);
            var read = await items.GetAsync(Probe, cancellation);
            if (read is null || read.Version < written.Version) throw new InvalidDataException("An item that was just written cannot be read.");
        }
    }

    private sealed class ObjectsCheck(DataFolder folder) : IPartCheck
    {
        public string Name => "objects";

        public async Task CheckAsync(CancellationToken cancellation)
        {
            var probe = Path.Combine(folder.Objects, $".ready-{Guid.NewGuid():n}");
            try
            {
                await File.WriteAllBytesAsync(probe, "ready"u8.ToArray(), cancellation);
            }
            finally
            {
                File.Delete(probe);
            }
        }
    }

    private sealed class KeysCheck(IKeys keys) : IPartCheck
    {
        private static readonly KeyContext Context = new("ready", "probe");

        public string Name => "keys";

        public async Task CheckAsync(CancellationToken cancellation)
        {
            var key = await keys.GenerateAsync(Context, cancellation);
            var unwrapped = await keys.UnwrapAsync(key.Wrapped, Context, cancellation);
            if (!CryptographicOperations.FixedTimeEquals(unwrapped, key.Plain)) throw new CryptographicException("A key that was just wrapped does not come back.");
        }
    }

    private sealed class QueueCheck(IDeadLetters queues) : IPartCheck
    {
        public string Name => "queue";

        public async Task CheckAsync(CancellationToken cancellation) => await queues.ListAsync(QueueName.Sync, cursor: null, limit: 1, cancellation);
    }

    /// <summary>The process holds the keys in memory; after the next start it needs the file. A copy of it that is put back late is better missed now than then.</summary>
    private sealed class KeyFileCheck(MasterKeys keys) : IPartCheck
    {
        public string Name => "keyFile";

        public Task CheckAsync(CancellationToken cancellation)
        {
            keys.CheckFile();
            return Task.CompletedTask;
        }
    }

    /// <summary>A disk that is nearly full stops backups with a reason of their own; it is told before.</summary>
    /// <param name="folder">What lies on the disk.</param>
    /// <param name="freeBytes">How much is free where a folder lies.</param>
    public sealed class DiskCheck(DataFolder folder, Func<string, long> freeBytes) : IPartCheck
    {
        /// <summary>What one sync of a small machine may write before the next look.</summary>
        public const long FreeBytesMin = 256L * 1024 * 1024;

        public string Name => "disk";

        public Task CheckAsync(CancellationToken cancellation) =>
            freeBytes(folder.Path) >= FreeBytesMin ? Task.CompletedTask : throw new IOException($"Less than {FreeBytesMin / (1024 * 1024)} MB are free where the data folder lies.");
    }
}
