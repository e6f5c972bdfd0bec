using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>Decides what an answer means and how long to wait before a retry.</summary>
internal abstract class ErrorHandler
{
    public static readonly ErrorHandler Standard = new DefaultErrorHandler([], [], null);

    public static ErrorHandler Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(DefaultErrorHandler) => DefaultErrorHandler.Parse(reader),
        nameof(CompositeErrorHandler) => CompositeErrorHandler.Parse(reader),
        _ => throw reader.WrongType(),
    };

    public abstract int RetriesMax(ExpressionContext context);

    /// <summary>What to do, or null when this handler has nothing special to say.</summary>
    public abstract Resolution? Resolve(HttpAnswer answer, ExpressionContext context);

    /// <summary>The manifest's own wait, or null.</summary>
    public abstract Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context);
}

internal sealed class DefaultErrorHandler(IReadOnlyList<HttpResponseFilter> filters, IReadOnlyList<BackoffStrategy> backoffs, Template? retriesMax) : ErrorHandler
{
    private const int RetriesDefault = 5;

    public static new DefaultErrorHandler Parse(ComponentReader reader) => reader.Done(new DefaultErrorHandler(
        reader.Components("response_filters", nameof(HttpResponseFilter), HttpResponseFilter.Parse),
        reader.Components("backoff_strategies", nameof(ExponentialBackoffStrategy), BackoffStrategy.Parse),
        reader.TemplateOrNull("max_retries")));

    /// <summary>What a status means when the manifest does not say.</summary>
    public static Resolution ByStatus(int status) => status switch
    {
        >= 200 and < 300 => Resolution.Success,
        429 => new Resolution(ResponseAction.RateLimited, "transient_error"),
        408 or 425 => new Resolution(ResponseAction.Retry, "transient_error"),
        401 or 403 => new Resolution(ResponseAction.Fail, "config_error"),
        >= 500 => new Resolution(ResponseAction.Retry, "transient_error"),
        _ => new Resolution(ResponseAction.Fail, "system_error"),
    };

    public override int RetriesMax(ExpressionContext context) =>
        retriesMax?.Evaluate(context) is { Kind: ValueKind.Integer } value ? (int)Math.Clamp(value.Long, 0, 1000) : RetriesDefault;

    public override Resolution? Resolve(HttpAnswer answer, ExpressionContext context)
    {
        foreach (var filter in filters)
        {
            if (filter.Match(answer, context) is { } resolution)
                return resolution;
        }

        return null;
    }

    public override Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context)
    {
        foreach (var backoff in backoffs)
        {
            if (backoff.Wait(answer, attempt, context) is { } wait)
                return wait;
        }

        return null;
    }
}

/// <summary>
/// Several handlers; the first that recognises the answer decides. A failure is final only when no later handler knows better, as the language has it.
/// </summary>
internal sealed class CompositeErrorHandler(IReadOnlyList<ErrorHandler> handlers) : ErrorHandler
{
    public static new CompositeErrorHandler Parse(ComponentReader reader)
    {
        var handlers = reader.Components("error_handlers", nameof(DefaultErrorHandler), ErrorHandler.Parse);

        return handlers.Count > 0 ? reader.Done(new CompositeErrorHandler(handlers)) : throw reader.Missing("error_handlers");
    }

    public override int RetriesMax(ExpressionContext context) => handlers[0].RetriesMax(context);

    public override Resolution? Resolve(HttpAnswer answer, ExpressionContext context) => Deciding(answer, context)?.Resolution;

    public override Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context)
    {
        // The handler that recognised the answer knows how long; otherwise the first that has anything to say.
        var deciding = answer is null ? null : Deciding(answer, context)?.Handler;

        return deciding?.Wait(answer, attempt, context) ?? handlers.Select(handler => handler.Wait(answer, attempt, context)).FirstOrDefault(wait => wait is not null);
    }

    private (ErrorHandler Handler, Resolution Resolution)? Deciding(HttpAnswer answer, ExpressionContext context)
    {
        (ErrorHandler, Resolution)? failure = null;
        foreach (var handler in handlers)
        {
            if (handler.Resolve(answer, context) is not { } resolution)
                continue;
            if (resolution.Action != ResponseAction.Fail)
                return (handler, resolution);
            failure = (handler, resolution);
        }

        return failure;
    }
}
