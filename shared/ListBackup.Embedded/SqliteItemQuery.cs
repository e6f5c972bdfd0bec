using System.Text;
using ListBackup.Domain;

namespace ListBackup.Embedded;

/// <summary>The SQL of one query. Every shape of it walks one index in order, so a page costs what it returns.</summary>
internal sealed class SqliteItemQuery(ItemQuery query, ItemPosition? position, long now)
{
    public const string Columns = "partition, sort, body, version, index_partition, index_sort, expires_at";

    private readonly StringBuilder _sql = new();
    private readonly List<(string Name, object? Value)> _arguments = [];

    public (string Sql, (string Name, object? Value)[] Arguments) Build()
    {
        var (partition, sort) = query.ByIndex ? ("index_partition", "index_sort") : ("partition", "sort");
        _sql.Append($"SELECT {Columns} FROM {SqliteSchema.NameOf(query.Table)} WHERE {partition} = $partition");
        _arguments.Add(("$partition", query.Partition));
        AppendBounds(sort);
        _sql.Append(" AND (expires_at IS NULL OR expires_at > $now)");
        _arguments.Add(("$now", now));

        var direction = query.Descending ? " DESC" : "";
        _sql.Append(query.ByIndex ? $" ORDER BY index_sort{direction}, partition{direction}, sort{direction}" : $" ORDER BY sort{direction}");
        // One more than asked tells whether there is a next page.
        _sql.Append(" LIMIT $limit");
        _arguments.Add(("$limit", query.Limit + 1));
        return (_sql.ToString(), [.. _arguments]);
    }

    // SQLite starts its walk at one lower and one upper bound and tests further ones row by row, so there is only the tightest of each: a page deep in a
    // long list would otherwise walk all pages before it. A (forged) position outside of the bounds changes nothing.
    private void AppendBounds(string sort)
    {
        var from = KeyOrder.Later(query.SortFrom ?? "", query.SortPrefix ?? "");
        if (position is { } after && !query.Descending && IsOrdered(from, after.Sort)) AppendPosition(">", after);
        else if (from.Length > 0) Append($" AND {sort} >= $from", "$from", from);

        var afterPrefix = query.SortPrefix is { Length: > 0 } prefix ? KeyOrder.AfterPrefix(prefix) : null;
        var prefixEndsFirst = afterPrefix is not null && (query.SortTo is null || IsOrdered(afterPrefix, query.SortTo));
        var to = prefixEndsFirst ? afterPrefix : query.SortTo;
        if (position is { } before && query.Descending && (to is null || IsOrdered(before.Sort, to))) AppendPosition("<", before);
        else if (to is not null) Append($" AND {sort} {(prefixEndsFirst ? "<" : "<=")} $to", "$to", to);
    }

    private void AppendPosition(string beyond, ItemPosition last)
    {
        if (query.ByIndex)
        {
            Append($" AND (index_sort, partition, sort) {beyond} ($lastIndex, $lastPartition, $lastSort)", "$lastIndex", last.Sort);
            _arguments.Add(("$lastPartition", last.KeyPartition));
            _arguments.Add(("$lastSort", last.KeySort));
        }
        else
        {
            Append($" AND sort {beyond} $last", "$last", last.Sort);
        }
    }

    private static bool IsOrdered(string x, string y) => KeyOrder.Instance.Compare(x, y) <= 0;

    private void Append(string sql, string name, object value)
    {
        _sql.Append(sql);
        _arguments.Add((name, value));
    }
}
