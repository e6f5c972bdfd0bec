using ListBackup.Connectors.Requests;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors;

/// <summary>Waits that move a clock instead of taking time, and are remembered.</summary>
internal sealed class ClockedWaits(FakeTimeProvider clock) : IWaiting
{
    public List<(TimeSpan Delay, WaitReason Reason)> Waits { get; } = [];

    public ValueTask WaitAsync(TimeSpan delay, WaitReason reason, CancellationToken cancellation)
    {
        Waits.Add((delay, reason));
        clock.Advance(delay);

        return ValueTask.CompletedTask;
    }
}
