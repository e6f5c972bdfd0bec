using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.Schedule;
using Amazon.Lambda.CloudWatchEvents.ScheduledEvents;
using Amazon.Lambda.Core;
using ListBackup.Functions;

namespace ListBackup.Sources.Functions;

internal sealed class MaintenanceFunction(Maintenance handler, Ticks ticks)
{
    [LambdaFunction(ResourceName = "maintenance", MemorySize = 512, Timeout = 55)]
    [ScheduleEvent("rate(1 minute)")]
    public Task HandleAsync(ScheduledEvent tick, ILambdaContext context) => ticks.HandleAsync(handler, context);
}
