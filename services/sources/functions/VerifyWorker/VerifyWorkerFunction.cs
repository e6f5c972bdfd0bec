using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.SQS;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ListBackup.Functions;

namespace ListBackup.Sources.Functions;

// The maintenance queue brings verifications; functions/Maintenance is its schedule.
internal sealed class VerifyWorkerFunction(Maintenance handler, QueueBatches batches)
{
    [LambdaFunction(ResourceName = "verifyWorker", MemorySize = 1769, Timeout = 900)]
    [SQSEvent("@MaintenanceQueue", BatchSize = 1)]
    public Task<SQSBatchResponse> HandleAsync(SQSEvent batch, ILambdaContext context) => batches.HandleAsync(batch, handler, context);
}
