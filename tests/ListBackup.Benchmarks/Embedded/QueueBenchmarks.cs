using BenchmarkDotNet.Attributes;
using ListBackup.Domain;
using ListBackup.Embedded;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ListBackup.Benchmarks.Embedded;

/// <summary>The way of a message through SQLite: sent, claimed, handled, deleted, each step on disk.</summary>
[MemoryDiagnoser]
public class QueueBenchmarks
{
    private TempFolder _temporary = null!;
    private DataFolder _folder = null!;
    private IHost _host = null!;
    private IQueues _queues = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _temporary = new TempFolder();
        _folder = DataFolder.Open(_temporary.Path);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddEmbeddedPorts(_folder, new EmbeddedOptions());
        builder.Services.AddSingleton<Arrivals>().AddQueueHandler<Handler>(QueueName.Sync, 8);
        _host = builder.Build();
        await _host.StartAsync();
        _queues = _host.Services.GetRequiredService<IQueues>();
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        _folder.Dispose();
        _temporary.Dispose();
    }

    [Benchmark]
    public Task SendAndHandle() => RoundTripAsync(1);

    [Benchmark(OperationsPerInvoke = 64)]
    public Task SendAndHandle64AtOnce() => RoundTripAsync(64);

    private async Task RoundTripAsync(int count)
    {
        var handled = _host.Services.GetRequiredService<Arrivals>().Expect(count);
        await Task.WhenAll(Enumerable.Range(0, count).Select(n => _queues.SendAsync(QueueName.Sync, $"{n}", TimeSpan.Zero, CancellationToken.None)));
        await handled;
    }

    private sealed class Arrivals
    {
        private TaskCompletionSource _all = new();
        private int _missing;

        public Task Expect(int count)
        {
            _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _missing = count;
            return _all.Task;
        }

        public void Count()
        {
            if (Interlocked.Decrement(ref _missing) == 0) _all.SetResult();
        }
    }

    private sealed class Handler(Arrivals arrivals) : IMessageHandler
    {
        public Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
        {
            arrivals.Count();
            return Task.CompletedTask;
        }
    }
}
