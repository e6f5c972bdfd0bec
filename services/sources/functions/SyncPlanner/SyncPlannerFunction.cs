using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.SQS;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ListBackup.Functions;

namespace ListBackup.Sources.Functions;

internal sealed class SyncPlannerFunction(SyncPlanner handler, QueueBatches batches)
{
    [LambdaFunction(ResourceName = "syncPlanner", MemorySize = 512, Timeout = 120)]
    [SQSEvent("@PlanQueue", BatchSize = 5)]
    public Task<SQSBatchResponse> HandleAsync(SQSEvent batch, ILambdaContext context) => batches.HandleAsync(batch, handler, context);
}
