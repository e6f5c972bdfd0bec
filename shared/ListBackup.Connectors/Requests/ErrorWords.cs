using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Requests;

/// <summary>What an answer says went wrong, in the fields that platforms use for it.</summary>
internal static class ErrorWords
{
    private static readonly string[] Fields =
        ["message", "messages", "error", "errors", "failures", "failure", "detail", "err", "error_message", "msg", "reason", "status_message"];

    /// <param name="isGood">The answer is a success. Then a list is one of records, and so may be its messages: they are not asked.</param>
    public static IEnumerable<string> Of(Value body, bool isGood)
    {
        if (!isGood)
            return In(body, 0);

        return body.Kind != ValueKind.Map ? [] : Fields.Where(field => field != "messages").SelectMany(field => In(body.Map[field], 1));
    }

    private static IEnumerable<string> In(Value value, int depth) => value.Kind switch
    {
        ValueKind.Text => [value.Text],
        _ when depth > 8 => [],
        ValueKind.List => value.List.SelectMany(item => In(item, depth + 1)),
        ValueKind.Map => Fields.Select(field => value.Map[field]).Where(member => member.IsTrue).SelectMany(member => In(member, depth + 1)),
        _ => [],
    };
}
