using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Partitions;

/// <summary>The partitions stand in the manifest or the configuration.</summary>
internal sealed class ListPartitionRouter(Template field, Template? list, IReadOnlyList<Template> values, RequestOption? option) : PartitionRouter
{
    public static new ListPartitionRouter Parse(ComponentReader reader)
    {
        var isList = reader.Raw("values").Kind == ValueKind.List;
        if (!reader.Has("values") && !isList)
            throw reader.Missing("values");

        return reader.Done(new ListPartitionRouter(
            reader.Template("cursor_field"),
            isList ? null : reader.Template("values"),
            isList ? reader.Templates("values") : [],
            reader.ComponentOrNull("request_option", nameof(RequestOption), RequestOption.Parse)));
    }

    public override async IAsyncEnumerable<Partition> PartitionsAsync(Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        var name = field.EvaluateText(session.Context) ?? "";
        foreach (var value in Values(session.Context))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new Partition(new ValueMap().Set(name, value), null);
        }
    }

    public override void Inject(RequestParts parts, Partition partition, ExpressionContext context) =>
        option?.Inject(parts, partition.Fields[field.EvaluateText(context) ?? ""], context);

    private IEnumerable<Value> Values(ExpressionContext context)
    {
        if (list is null)
            return values.Select(value => Value.Of(value.EvaluateText(context)));

        var evaluated = list.Evaluate(context);

        return evaluated.Kind == ValueKind.List ? evaluated.List : evaluated.IsNothing ? [] : [evaluated];
    }
}
