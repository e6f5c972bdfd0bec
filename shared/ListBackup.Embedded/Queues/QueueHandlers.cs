using System.Diagnostics.CodeAnalysis;
using ListBackup.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Embedded;

/// <summary>Which handler a queue's messages go to, and how many of them at once.</summary>
internal sealed record QueueHandler(QueueName Queue, int Concurrency, Func<IServiceProvider, IMessageHandler> Create);

/// <summary>What a schedule ticks, and how often.</summary>
internal sealed record ScheduledHandler(string Name, TimeSpan Period, Func<IServiceProvider, IScheduledHandler> Create);

public static class QueueHandlers
{
    // More would only wait for the two or three things they share: the disk, and the platform's rate limit.
    private const int ConcurrencyMax = 64;

    extension(IServiceCollection services)
    {
        /// <summary>Each message of <paramref name="queue"/> goes to a <typeparamref name="THandler"/> in a scope of its own, at most <paramref name="concurrency"/> at once.</summary>
        public IServiceCollection AddQueueHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(QueueName queue, int concurrency)
            where THandler : class, IMessageHandler
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(concurrency, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(concurrency, ConcurrencyMax);
            services.AddScoped<THandler>();
            return services.AddSingleton(new QueueHandler(queue, concurrency, provider => provider.GetRequiredService<THandler>()));
        }

        /// <summary>Ticks a <typeparamref name="THandler"/> in a scope of its own at the start and then every <paramref name="period"/>; never two ticks of it at once.</summary>
        public IServiceCollection AddScheduledHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(TimeSpan period)
            where THandler : class, IScheduledHandler
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromSeconds(1));
            services.AddScoped<THandler>();
            return services.AddSingleton(new ScheduledHandler(typeof(THandler).Name, period, provider => provider.GetRequiredService<THandler>()));
        }
    }
}
