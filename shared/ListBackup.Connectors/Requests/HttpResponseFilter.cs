using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>Recognises an answer by its status, its words or a predicate, and says what to do.</summary>
internal sealed record HttpResponseFilter(
    ResponseAction? Action, string? FailureType, Template? Message, string? Contains, IReadOnlySet<int> Codes, Template? Predicate)
{
    private static readonly string[] Actions = ["SUCCESS", "FAIL", "RETRY", "IGNORE", "RESET_PAGINATION", "RATE_LIMITED", "REFRESH_TOKEN_THEN_RETRY"];

    public static HttpResponseFilter Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(HttpResponseFilter))
            throw reader.WrongType();

        return reader.Done(new HttpResponseFilter(
            reader.Has("action") ? Resolution.ParseAction(reader.Choice("action", "", Actions)) : null,
            reader.Has("failure_type") ? reader.Choice("failure_type", "", "system_error", "config_error", "transient_error") : null,
            reader.TemplateOrNull("error_message"),
            reader.TextOrNull("error_message_contains"),
            reader.Integers("http_codes"),
            reader.TemplateOrNull("predicate")));
    }

    /// <summary>What to do, or null when the filter does not recognise the answer.</summary>
    public Resolution? Match(HttpAnswer answer, ExpressionContext context)
    {
        if (!Codes.Contains((int)answer.Status) && !PredicateHolds(answer, context) && !WordsOccur(answer))
            return null;

        var standard = DefaultErrorHandler.ByStatus((int)answer.Status);

        return new Resolution(
            Action ?? (standard.Action == ResponseAction.Success ? ResponseAction.Fail : standard.Action),
            FailureType ?? standard.FailureType,
            Message?.Words.Trim(' ', '…') is { Length: > 0 } words ? words : null);
    }

    private bool PredicateHolds(HttpAnswer answer, ExpressionContext context)
    {
        if (Predicate is null)
            return false;
        try
        {
            return Predicate.EvaluateCondition(answer.In(context));
        }
        catch (ExpressionException)
        {
            // A predicate about an error body is asked about every body; where it makes no sense it does not hold.
            return false;
        }
    }

    /// <summary>In a good answer only the fields that tell an error count: its records may hold any words.</summary>
    private bool WordsOccur(HttpAnswer answer) => Contains is not null
        && (ErrorWords.Of(answer.Json, answer.IsGood).Any(words => words.Contains(Contains, StringComparison.Ordinal))
            || (!answer.IsGood && answer.Body.Contains(Encoding.UTF8.GetBytes(Contains))));
}
