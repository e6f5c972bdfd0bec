using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Amazon.Lambda.CloudWatchEvents.ScheduledEvents;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SQSEvents;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ListBackup.Functions;

/// <summary>A function that a queue or a schedule starts.</summary>
public static class WorkerFunction
{
    public static HostApplicationBuilder CreateBuilder()
    {
        TracePropagation.Start();
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = Environments.Production });
        builder.Configuration.AddEnvironmentVariables();
        builder.AddLambdaLog();
        builder.Services.AddDomain();
        builder.Services.AddSingleton<QueueBatches>();
        builder.Services.AddSingleton<Ticks>();
        return builder;
    }

    /// <summary>Runs the function's method on each batch of its queue.</summary>
    public static Task RunQueueAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFunction>(
        this HostApplicationBuilder builder, Func<TFunction, Func<SQSEvent, ILambdaContext, Task<SQSBatchResponse>>> method)
        where TFunction : class =>
        RunAsync(builder, method, (handler, serializer) => LambdaBootstrapBuilder.Create<SQSEvent, SQSBatchResponse>((batch, context) => handler()(batch, context), serializer));

    /// <summary>Runs the function's method on each tick of its schedule.</summary>
    public static Task RunScheduleAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFunction>(
        this HostApplicationBuilder builder, Func<TFunction, Func<ScheduledEvent, ILambdaContext, Task>> method)
        where TFunction : class =>
        RunAsync(builder, method, (handler, serializer) => LambdaBootstrapBuilder.Create<ScheduledEvent>((tick, context) => handler()(tick, context), serializer));

    private static async Task RunAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFunction, THandler>(
        HostApplicationBuilder builder, Func<TFunction, THandler> method, Func<Func<THandler>, ILambdaSerializer, LambdaBootstrapBuilder> create)
        where TFunction : class
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true; // the running invocation ends in peace
            stop.Cancel();
        });
        builder.Services.AddSingleton<TFunction>();
        using var host = builder.Build();

        var handler = default(THandler);
        // Here and not at the first event: what is missing to run at all is reported as an initialization error, and no event is spent on it.
        var bootstrapBuilder = create(() => handler!, new SourceGeneratorLambdaJsonSerializer<EventJson>()) // set by the initializer before any event
            .UseBootstrapHandler(() =>
            {
                handler = method(host.Services.GetRequiredService<TFunction>());
                return Task.FromResult(true);
            });
        using var bootstrap = bootstrapBuilder.Build();
        await bootstrap.RunAsync(stop.Token);
    }
}

[JsonSerializable(typeof(SQSEvent))]
[JsonSerializable(typeof(SQSBatchResponse))]
[JsonSerializable(typeof(ScheduledEvent))]
public sealed partial class EventJson : JsonSerializerContext;
