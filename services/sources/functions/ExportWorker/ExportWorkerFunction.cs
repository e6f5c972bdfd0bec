using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.SQS;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ListBackup.Functions;

namespace ListBackup.Sources.Functions;

internal sealed class ExportWorkerFunction(ExportWorker handler, QueueBatches batches)
{
    [LambdaFunction(ResourceName = "exportWorker", MemorySize = 1769, Timeout = 900)]
    [SQSEvent("@ExportQueue", BatchSize = 1)]
    public Task<SQSBatchResponse> HandleAsync(SQSEvent batch, ILambdaContext context) => batches.HandleAsync(batch, handler, context);
}
