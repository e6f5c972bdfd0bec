using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.SQS;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ListBackup.Functions;

namespace ListBackup.Sources.Functions;

internal sealed class RestoreWorkerFunction(RestoreWorker handler, QueueBatches batches)
{
    [LambdaFunction(ResourceName = "restoreWorker", MemorySize = 1024, Timeout = 900)]
    [SQSEvent("@RestoreQueue", BatchSize = 1)]
    public Task<SQSBatchResponse> HandleAsync(SQSEvent batch, ILambdaContext context) => batches.HandleAsync(batch, handler, context);
}
