using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.Schedule;
using Amazon.Lambda.CloudWatchEvents.ScheduledEvents;
using Amazon.Lambda.Core;
using ListBackup.Functions;

namespace ListBackup.Accounts.Functions;

internal sealed class MaintenanceFunction(ShredAccounts handler, Ticks ticks)
{
    [LambdaFunction(ResourceName = "maintenance", MemorySize = 512, Timeout = 240)]
    [ScheduleEvent("rate(5 minutes)")]
    public Task HandleAsync(ScheduledEvent tick, ILambdaContext context) => ticks.HandleAsync(handler, context);
}
