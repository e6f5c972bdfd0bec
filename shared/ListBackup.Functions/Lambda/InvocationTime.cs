using Amazon.Lambda.Core;

namespace ListBackup.Functions;

/// <summary>How Lambda's time limit reaches a handler: first as a deadline to save progress by, then as cancellation.</summary>
internal sealed class InvocationTime : IDisposable
{
    // Enough to save a draft and to send a follow-up message, on a slow day.
    private static readonly TimeSpan SavingMargin = TimeSpan.FromSeconds(10);

    // Enough to post the answer, so that what succeeded is not repeated because of what did not.
    private static readonly TimeSpan AnsweringMargin = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _source;

    public InvocationTime(ILambdaContext context, TimeProvider clock)
    {
        var left = context.RemainingTime;
        // A function with a short limit saves in its last third instead.
        Deadline = clock.GetUtcNow() + left - Min(SavingMargin, left / 3);
        _source = new(Max(left - AnsweringMargin, TimeSpan.Zero), clock);
    }

    public DateTimeOffset Deadline { get; }

    public CancellationToken Cancellation => _source.Token;

    public void Dispose() => _source.Dispose();

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
