using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Reading;

/// <summary>A place inside of a report's downloads, as a state keeps it in the place of a page token.</summary>
/// <param name="Answer">What the platform said when the report was ordered: it is asked about again instead of being ordered anew.</param>
/// <param name="File">The download to go on with, counted from 0.</param>
/// <param name="Print">Which downloads there were; null before that is known.</param>
/// <param name="Token">The page inside of the download.</param>
internal sealed record JobPlace(Value Answer, int File, string? Print, Value Token)
{
    /// <summary>An answer that is larger has more in it than the number of an order, and states are kept with every page.</summary>
    private const int AnswerBytesMax = 4096;

    public static JobPlace? Parse(Value token) => token.Kind == ValueKind.Map && token.Map["job"] is { IsNothing: false } answer
        ? new JobPlace(
            answer,
            token.Map["file"] is { IsSmallInteger: true, Long: >= 0 and <= int.MaxValue } file ? (int)file.Long : 0,
            token.Map["of"] is { IsText: true } print ? print.Text : null,
            token.Map["token"].IsUndefined ? Value.None : token.Map["token"])
        : null;

    /// <summary>Nothing when the place cannot be kept: then the report is ordered anew.</summary>
    public Value ToValue() => ValueJson.ToBytes(Answer).Length > AnswerBytesMax
        ? Value.None
        : Value.Of(new ValueMap().Set("job", Answer).Set("file", Value.Of(File)).Set("of", Value.Of(Print)).Set("token", Token));

    /// <summary>The same for the same downloads in the same order. Signatures in their addresses change each time they are asked for, so they do not count.</summary>
    public static string PrintOf(IReadOnlyList<ExpressionContext> downloads)
    {
        var text = string.Join('\n', downloads.Select(download => PythonText.Str(download[Variable.DownloadTarget]).Split('?')[0]));

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
    }
}
