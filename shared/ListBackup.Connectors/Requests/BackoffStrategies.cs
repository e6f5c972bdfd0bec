using System.Globalization;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>A wait before a retry.</summary>
/// <param name="IsTooLong">The manifest says that waiting this long makes no sense: whoever asked is told instead.</param>
internal readonly record struct Backoff(TimeSpan Wait, bool IsTooLong = false);

/// <summary>How long to wait before a retry.</summary>
internal abstract class BackoffStrategy
{
    /// <summary>Longest wait that a strategy may come to; a longer one is a mistake in a header.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(2);

    public static BackoffStrategy Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(ConstantBackoffStrategy) => ConstantBackoffStrategy.Parse(reader),
        nameof(ExponentialBackoffStrategy) => ExponentialBackoffStrategy.Parse(reader),
        nameof(WaitTimeFromHeader) => WaitTimeFromHeader.Parse(reader),
        nameof(WaitUntilTimeFromHeader) => WaitUntilTimeFromHeader.Parse(reader),
        _ => throw reader.WrongType(),
    };

    /// <summary>The wait, or null when the strategy does not apply to this answer.</summary>
    /// <param name="attempt">Retries before this one.</param>
    public abstract Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context);

    protected static TimeSpan Seconds(double seconds) => double.IsNaN(seconds) || seconds < 0 ? TimeSpan.Zero : seconds > WaitMax.TotalSeconds ? WaitMax : TimeSpan.FromSeconds(seconds);

    protected static double? Number(Template? template, ExpressionContext context) => template?.Evaluate(context) is { IsNumber: true } value ? value.Double : null;

    /// <summary>Up to twice the range, and never less than nothing: a jitter only lengthens a wait.</summary>
    protected static double Jitter(double? range) => range is { } seconds ? Random.Shared.NextDouble() * 2 * seconds : 0;

    /// <summary>A wait that the manifest bounds.</summary>
    protected static Backoff Bounded(double seconds, Template? most, ExpressionContext context) =>
        new(Seconds(seconds), Number(most, context) is { } limit && seconds >= limit);

    /// <summary>A header's number, by way of a regular expression where one is given.</summary>
    protected static double? HeaderNumber(HttpAnswer? answer, Template header, string? regex, ExpressionContext context)
    {
        if (answer is null || header.EvaluateText(context) is not { } name || answer.Header(name) is not { } text)
            return null;
        if (regex is not null)
        {
            var match = Patterns.Search(regex, text);
            text = match.Success ? match.Groups.Count > 1 ? match.Groups[1].Value : match.Value : "";
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}

internal sealed class ConstantBackoffStrategy(Template seconds, double? jitter) : BackoffStrategy
{
    public static new ConstantBackoffStrategy Parse(ComponentReader reader) =>
        reader.Done(new ConstantBackoffStrategy(reader.Template("backoff_time_in_seconds"), reader.NumberOrNull("jitter_range_in_seconds")));

    public override Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context) =>
        Number(seconds, context) is { } constant ? new Backoff(Seconds(constant + Jitter(jitter))) : null;
}

internal sealed class ExponentialBackoffStrategy(Template? factor, double? jitter) : BackoffStrategy
{
    private const double FactorDefault = 5;

    public static new ExponentialBackoffStrategy Parse(ComponentReader reader) =>
        reader.Done(new ExponentialBackoffStrategy(reader.TemplateOrNull("factor"), reader.NumberOrNull("jitter_range_in_seconds")));

    public override Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context) =>
        new Backoff(Seconds(((Number(factor, context) ?? FactorDefault) * Math.Pow(2, attempt + 1)) + Jitter(jitter)));
}

/// <summary>A header tells how many seconds to wait. From the manifest's limit on it is not waited.</summary>
internal sealed class WaitTimeFromHeader(Template header, string? regex, Template? most) : BackoffStrategy
{
    public static new WaitTimeFromHeader Parse(ComponentReader reader) =>
        reader.Done(new WaitTimeFromHeader(reader.Template("header"), reader.PatternOrNull("regex"), reader.TemplateOrNull("max_waiting_time_in_seconds")));

    public override Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context) =>
        HeaderNumber(answer, header, regex, context) is { } seconds ? Bounded(seconds, most, context) : null;
}

/// <summary>A header tells the time, in seconds since 1970, at which to come back.</summary>
internal sealed class WaitUntilTimeFromHeader(Template header, Template? least, string? regex, Template? most) : BackoffStrategy
{
    public static new WaitUntilTimeFromHeader Parse(ComponentReader reader) => reader.Done(new WaitUntilTimeFromHeader(
        reader.Template("header"), reader.TemplateOrNull("min_wait"), reader.PatternOrNull("regex"), reader.TemplateOrNull("max_waiting_time_in_seconds")));

    public override Backoff? Wait(HttpAnswer? answer, int attempt, ExpressionContext context)
    {
        var shortest = Number(least, context);
        if (HeaderNumber(answer, header, regex, context) is not { } until)
            return shortest is { } only ? Bounded(only, most, context) : null;

        var seconds = Math.Max(until - Times.Timestamp(context.Clock.GetUtcNow()), shortest ?? double.MinValue);

        // A time that is over says nothing about how long to wait.
        return seconds < 0 ? null : Bounded(seconds, most, context);
    }
}
