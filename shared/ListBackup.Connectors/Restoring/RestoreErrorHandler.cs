using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>
/// Takes an answer that is about the record itself as an answer, leaves the rest to the manifest's handler, and repeats a write only when repeating it
/// is harmless.
/// </summary>
internal sealed class RestoreErrorHandler(ErrorHandler inner, bool isRepeatable, Func<HttpAnswer, bool> isAnswer) : ErrorHandler
{
    public override int RetriesMax(ExpressionContext context) => isRepeatable ? inner.RetriesMax(context) : 0;

    public override Resolution? Resolve(HttpAnswer answer, ExpressionContext context)
    {
        if (isAnswer(answer))
            return Resolution.Success;

        var resolution = inner.Resolve(answer, context) ?? DefaultErrorHandler.ByStatus((int)answer.Status);
        if (resolution.Action == ResponseAction.Retry && !isRepeatable)
            return resolution with { Action = ResponseAction.Fail };

        // Reading may pass over a refusal; a write that was refused did not happen, and a search that was refused found nothing out.
        return resolution.Action is ResponseAction.Ignore or ResponseAction.ResetPagination && !answer.IsGood
            ? new Resolution(ResponseAction.Fail, resolution.FailureType, resolution.Message)
            : resolution;
    }

    public override Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context) => inner.Wait(answer, attempt, context);
}
