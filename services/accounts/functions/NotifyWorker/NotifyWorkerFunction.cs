using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.SQS;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ListBackup.Functions;

namespace ListBackup.Accounts.Functions;

// Five receivers that each take their ten seconds still fit into one run.
internal sealed class NotifyWorkerFunction(NotifyWorker handler, QueueBatches batches)
{
    [LambdaFunction(ResourceName = "notifyWorker", MemorySize = 512, Timeout = 60)]
    [SQSEvent("@NotifyQueue", BatchSize = 5)]
    public Task<SQSBatchResponse> HandleAsync(SQSEvent batch, ILambdaContext context) => batches.HandleAsync(batch, handler, context);
}
