using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Reading;

/// <summary>How many partitions or streams the manifest lets be read at the same time.</summary>
internal sealed record ConcurrencyLevel(Template Default, int? Max)
{
    /// <summary>What a manifest may ask for at most; every reader costs a connection and a page of memory.</summary>
    private const int Most = 100;

    public static ConcurrencyLevel Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(ConcurrencyLevel))
            throw reader.WrongType();

        return reader.Done(new ConcurrencyLevel(reader.Template("default_concurrency"), reader.IntegerOrNull("max_concurrency")));
    }

    /// <summary>Both numbers for one configuration; without <c>max_concurrency</c> there is no way beyond the default.</summary>
    /// <exception cref="ConfigException">The configuration makes it something else than a number.</exception>
    public ConcurrencyLimits Limits(ExpressionContext context)
    {
        var level = Evaluate(context);

        return new(level, Math.Clamp(Max ?? level, level, Most));
    }

    /// <summary>The number for one configuration: at least 1, at most <c>max_concurrency</c>.</summary>
    /// <exception cref="ConfigException">The configuration makes it something else than a number.</exception>
    public int Evaluate(ExpressionContext context) => Default.Evaluate(context) is { IsSmallInteger: true } level
        ? (int)Math.Clamp(level.Long, 1, Math.Clamp(Max ?? Most, 1, Most))
        : throw new ConfigException("The configuration does not make concurrency_level.default_concurrency a number.");
}
