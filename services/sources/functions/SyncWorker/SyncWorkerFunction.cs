using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.SQS;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ListBackup.Functions;

namespace ListBackup.Sources.Functions;

internal sealed class SyncWorkerFunction(SyncWorker handler, QueueBatches batches)
{
    [LambdaFunction(ResourceName = "syncWorker", MemorySize = 1769, Timeout = 900)]
    [SQSEvent("@SyncQueue", BatchSize = 1, MaximumConcurrency = 100)]
    public Task<SQSBatchResponse> HandleAsync(SQSEvent batch, ILambdaContext context) => batches.HandleAsync(batch, handler, context);
}
