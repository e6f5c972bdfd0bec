using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using ListBackup.Domain;
using Condition = ListBackup.Domain.Condition;

namespace ListBackup.Aws;

/// <summary>Items in DynamoDB. Each table has keys <c>pk</c>, <c>sk</c>, the index <c>index</c> on <c>ipk</c>, <c>isk</c>, and TTL on <c>removeAfter</c>.</summary>
public sealed class DynamoItems(IAmazonDynamoDB dynamo, AwsSettings settings, TimeProvider clock) : IItemStore
{
    // Two transactions on one item cancel each other; each try waits a little longer, so that one of them comes through.
    private const int ConflictTriesMax = 8;
    private static readonly TimeSpan ConflictDelay = TimeSpan.FromMilliseconds(25);

    public async Task<Item?> GetAsync(ItemKey key, CancellationToken cancellation)
    {
        ItemRules.Check(key);
        var answer = await CallAsync(() => dynamo.GetItemAsync(
            new() { TableName = settings.TableName(key.Table), Key = DynamoItem.KeyOf(key), ConsistentRead = true }, cancellation), cancellation);
        return answer.IsItemSet && DynamoItem.Read(key.Table, answer.Item) is var item && IsLive(item) ? item : null;
    }

    public async Task<Item> PutAsync(Item item, Condition condition, CancellationToken cancellation)
    {
        ItemRules.Check(item);
        var write = new DynamoWrite(condition, clock).Put(item);
        try
        {
            var answer = await CallAsync(() => dynamo.UpdateItemAsync(
                new()
                {
                    TableName = settings.TableName(item.Key.Table),
                    Key = DynamoItem.KeyOf(item.Key),
                    UpdateExpression = write.Update,
                    ConditionExpression = write.Condition,
                    ExpressionAttributeValues = write.Values,
                    // Where the condition tells the version, the body need not travel back.
                    ReturnValues = write.Version is null ? ReturnValue.UPDATED_NEW : ReturnValue.NONE,
                },
                cancellation), cancellation);
            return item with { Version = write.Version ?? DynamoItem.Version(answer.Attributes) };
        }
        catch (ConditionalCheckFailedException)
        {
            throw new ConditionFailedException(item.Key);
        }
    }

    public async Task DeleteAsync(ItemKey key, Condition condition, CancellationToken cancellation)
    {
        ItemRules.Check(key);
        var write = new DynamoWrite(condition, clock);
        try
        {
            await CallAsync(() => dynamo.DeleteItemAsync(
                new()
                {
                    TableName = settings.TableName(key.Table),
                    Key = DynamoItem.KeyOf(key),
                    ConditionExpression = write.Condition,
                    ExpressionAttributeValues = write.Values,
                },
                cancellation), cancellation);
        }
        catch (ConditionalCheckFailedException)
        {
            throw new ConditionFailedException(key);
        }
    }

    public async Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancellation)
    {
        ItemRules.Check(query);
        if (new DynamoQuery(query, ItemCursor.Read(query), settings, clock).Build() is not { } request) return new([], null);

        var answer = await CallAsync(() => dynamo.QueryAsync(request, cancellation), cancellation);
        var items = (answer.Items ?? []).Select(attributes => DynamoItem.Read(query.Table, attributes));
        // A prefix and a bound together are asked for as a range, which may end one key after the prefix.
        if (query.SortPrefix is { } prefix) items = items.Where(item => SortOf(item, query).StartsWith(prefix, StringComparison.Ordinal));
        var next = answer.LastEvaluatedKey is { Count: > 0 } last ? ItemCursor.Write(query, DynamoItem.Position(last, query.ByIndex)) : null;
        return new([.. items.Where(IsLive)], next);
    }

    public async Task TransactAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellation)
    {
        ItemRules.Check(writes);
        // A check without a condition demands nothing, and DynamoDB refuses to hear of it.
        var effective = writes.Where(write => write is not ItemWrite.Check || write.Condition != Condition.None).ToList();
        if (effective.Count == 0) return;
        var request = new TransactWriteItemsRequest
        {
            TransactItems = [.. effective.Select(Transacted)],
            // A repeated call with the same token is one transaction.
            ClientRequestToken = Guid.NewGuid().ToString(),
        };
        try
        {
            await CallAsync(() => dynamo.TransactWriteItemsAsync(request, cancellation), cancellation);
        }
        catch (TransactionCanceledException canceled) when (FailedCondition(canceled) is var failed and >= 0)
        {
            throw new ConditionFailedException(effective[failed].Key);
        }
    }

    private TransactWriteItem Transacted(ItemWrite write)
    {
        var (table, key) = (settings.TableName(write.Key.Table), DynamoItem.KeyOf(write.Key));
        var expressions = new DynamoWrite(write.Condition, clock);
        switch (write)
        {
            case ItemWrite.Put put:
                expressions.Put(put.Item);
                return new()
                {
                    Update = new()
                    {
                        TableName = table,
                        Key = key,
                        UpdateExpression = expressions.Update,
                        ConditionExpression = expressions.Condition,
                        ExpressionAttributeValues = expressions.Values,
                    },
                };
            case ItemWrite.Delete:
                return new()
                {
                    Delete = new() { TableName = table, Key = key, ConditionExpression = expressions.Condition, ExpressionAttributeValues = expressions.Values },
                };
            default:
                return new()
                {
                    ConditionCheck = new() { TableName = table, Key = key, ConditionExpression = expressions.Condition, ExpressionAttributeValues = expressions.Values },
                };
        }
    }

    /// <summary>Repeats what lost against another transaction; everything else the SDK has already repeated.</summary>
    private async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return await call();
            }
            catch (AmazonServiceException exception) when (IsConflict(exception))
            {
                if (tries == ConflictTriesMax) throw new StorageException($"DynamoDB: other transactions were on the same items {tries} times in a row.", exception);
                await Task.Delay(ConflictDelay * tries * (0.5 + Random.Shared.NextDouble()), clock, cancellation);
            }
            catch (AmazonServiceException exception) when ((int)exception.StatusCode >= 500 || exception is ProvisionedThroughputExceededException or RequestLimitExceededException)
            {
                throw new StorageException($"DynamoDB answered {exception.ErrorCode ?? exception.StatusCode.ToString()} after all retries.", exception);
            }
            catch (Exception exception) when (exception is HttpRequestException or AmazonClientException
                || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                throw new StorageException("DynamoDB was not reached, after all retries.", exception);
            }
        }
    }

    private static bool IsConflict(AmazonServiceException exception) => exception switch
    {
        TransactionConflictException => true,
        TransactionCanceledException canceled => FailedCondition(canceled) < 0 && (canceled.CancellationReasons ?? []).Exists(
            reason => reason.Code is "TransactionConflict" or "ThrottlingError" or "ProvisionedThroughputExceeded"),
        _ => false,
    };

    private static int FailedCondition(TransactionCanceledException canceled) =>
        (canceled.CancellationReasons ?? []).FindIndex(reason => reason.Code == "ConditionalCheckFailed");

    // DynamoDB removes expired items when it gets to it, within days; until then they are absent because we say so.
    private bool IsLive(Item item) => item.ExpiresAt is not { } expiry || expiry > clock.GetUtcNow();

    private static string SortOf(Item item, ItemQuery query) => query.ByIndex ? item.Index!.Sort : item.Key.Sort; // what the index returned has its key
}
