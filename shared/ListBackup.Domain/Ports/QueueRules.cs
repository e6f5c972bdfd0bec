using System.Text;

namespace ListBackup.Domain;

/// <summary>The limits of <see cref="IQueues"/>, held by every adapter; those of SQS.</summary>
public static class QueueRules
{
    public const int BodyBytesMax = 256 * 1024;

    public static readonly TimeSpan DelayMax = TimeSpan.FromMinutes(15);

    /// <summary>A message that was delivered this often without success lies among the dead letters. On AWS: maxReceiveCount of each redrive policy.</summary>
    public const int ReceivesMax = 5;

    /// <exception cref="ArgumentException">Names the rule that is broken.</exception>
    public static void Check(QueueName queue, string body, TimeSpan delay)
    {
        if (!Enum.IsDefined(queue)) throw new ArgumentException($"There is no queue {queue}.");
        if (body.Length == 0 || body.Contains('\0')) throw new ArgumentException($"A message to {queue} is empty or contains U+0000.");
        if (Encoding.UTF8.GetByteCount(body) is > BodyBytesMax and var bytes)
            throw new ArgumentException($"A message to {queue} has {bytes} bytes; {BodyBytesMax} are the limit.");
        if (delay < TimeSpan.Zero || delay > DelayMax)
            throw new ArgumentException($"A message to {queue} is delayed by {delay}; zero to {DelayMax} is possible.");
    }
}
