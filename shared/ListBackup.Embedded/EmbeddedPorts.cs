using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ListBackup.Embedded;

/// <summary>The ports of the product in one folder, registered once by the composition root.</summary>
public static class EmbeddedPorts
{
    // Expired items are invisible at once; this only gives their space back.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Registers every port on <paramref name="folder"/>, the queue pump and the timer. The folder is opened (and so locked) by the caller and outlives the
    /// container; the database is opened at the first use, at the latest when the host starts.
    /// </summary>
    public static IServiceCollection AddEmbeddedPorts(this IServiceCollection services, DataFolder folder, EmbeddedOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(folder);

        services.AddSingleton(provider => OpenDatabase(folder, provider));
        services.AddSingleton<SqliteItems>();
        services.AddSingleton<IItemStore>(provider => provider.GetRequiredService<SqliteItems>());

        services.AddSingleton<IObjectStores>(_ => new FileObjectStores(folder.Objects));
        services.AddSingleton(provider => OpenMasterKeys(folder, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IKeys, FileKeys>();
        services.AddSingleton<SqliteSecrets>();
        services.AddSingleton<ISecrets>(provider => provider.GetRequiredService<SqliteSecrets>());
        services.AddSingleton(provider => Mail(folder, options, provider));

        services.AddSingleton(options.Pump);
        services.AddSingleton<SqliteQueues>();
        services.AddSingleton<IQueues>(provider => provider.GetRequiredService<SqliteQueues>());
        services.AddSingleton<IDeadLetters>(provider => provider.GetRequiredService<SqliteQueues>());
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton<QueueDelivery>();
        services.AddMetrics();
        services.AddHostedService<QueueMetrics>();
        services.AddHostedService<QueuePump>();
        services.AddHostedService<ScheduleTimer>();
        return services.AddScheduledHandler<SqliteSweeper>(SweepPeriod);
    }

    // The master key first: so there is never a database without one, and a missing key is told from a first start.
    private static SqliteDatabase OpenDatabase(DataFolder folder, IServiceProvider provider)
    {
        _ = provider.GetRequiredService<MasterKeys>();
        return SqliteDatabase.Open(folder.Database, provider.GetRequiredService<TimeProvider>());
    }

    private static MasterKeys OpenMasterKeys(DataFolder folder, TimeProvider time)
    {
        // A new key beside old data would make that data unreadable without a word.
        if (!File.Exists(folder.MasterKey) && File.Exists(folder.Database))
            throw new StorageException($"The master key {folder.MasterKey} is missing, and the data in this folder was encrypted under it. Put back your copy of it.");
        return MasterKeys.OpenOrCreate(folder.MasterKey, time);
    }

    private static IMail Mail(DataFolder folder, EmbeddedOptions options, IServiceProvider provider)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        var outbox = new OutboxMail(folder.Outbox, options.Smtp?.From ?? OutboxMail.DefaultFrom, time);
        return options.Smtp is { } smtp ? new OutboxAndSmtpMail(outbox, new SmtpMail(smtp, time, provider.GetRequiredService<ILogger<SmtpMail>>())) : outbox;
    }
}
