using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Embedded;

namespace ListBackup.Host;

/// <summary>The parts of <c>/ready</c>, each tried by doing what the product does with it.</summary>
internal static class PartChecks
{
    public static void AddPartChecks(this IServiceCollection services)
    {
        services.AddSingleton<IPartCheck, ItemsCheck>();
        services.AddSingleton<IPartCheck, ObjectsCheck>();
        services.AddSingleton<IPartCheck, KeysCheck>();
        services.AddSingleton<IPartCheck, QueueCheck>();
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
}
