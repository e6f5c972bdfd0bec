using Amazon.Lambda.Core;
using ListBackup.Domain;

namespace ListBackup.Functions;

/// <summary>Hands a schedule's ticks to their handler.</summary>
public sealed class Ticks(TimeProvider clock)
{
    public async Task HandleAsync(IScheduledHandler handler, ILambdaContext context)
    {
        using var time = new InvocationTime(context, clock);
        await handler.TickAsync(time.Deadline, time.Cancellation);
    }
}
