using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Amazon.Lambda.AspNetCoreServer.Hosting.Internal;

/// <summary>A server whose connection is the Runtime API: each event becomes a request, each response an answer.</summary>
internal sealed class LambdaServer(ILambdaSerializer serializer, IHostApplicationLifetime lifetime, ILogger<LambdaServer> logger) : IServer
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        var http = new HttpApiFunction<TContext>(application, serializer, logger);
        _loop = RunAsync(LambdaBootstrapBuilder.Create(http.AnswerAsync));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loop.WaitAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(LambdaBootstrapBuilder builder)
    {
        try
        {
            using var bootstrap = builder.Build();
            await bootstrap.RunAsync(_stopping.Token);
        }
        catch (Exception exception)
        {
            // No loop, no server: the process ends with an error, and Lambda starts another.
            logger.LogCritical(exception, "The Lambda runtime loop failed.");
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }
}
