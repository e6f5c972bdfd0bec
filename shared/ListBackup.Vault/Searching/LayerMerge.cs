namespace ListBackup.Vault.Searching;

/// <summary>Layers as one: of a term all places, or none when any layer or all together have too many.</summary>
internal static class LayerMerge
{
    public static async Task WriteAsync(IReadOnlyList<LayerReader> layers, LayerWriter writer, int commonFrom, CancellationToken cancellation)
    {
        var sources = layers.Select(layer => layer.ReadAllAsync(cancellation).GetAsyncEnumerator(cancellation)).ToList();
        try
        {
            // Of equal terms the earlier layer's first.
            var queue = new PriorityQueue<int, (ReadOnlyMemory<byte> Term, int Layer)>(Comparer<(ReadOnlyMemory<byte> Term, int Layer)>.Create((left, right) =>
            {
                var byTerm = left.Term.Span.SequenceCompareTo(right.Term.Span);
                return byTerm != 0 ? byTerm : left.Layer.CompareTo(right.Layer);
            }));
            for (var i = 0; i < sources.Count; i++)
            {
                if (await sources[i].MoveNextAsync()) queue.Enqueue(i, (sources[i].Current.Term, i));
            }

            var same = new List<TermPlaces>();
            while (queue.TryDequeue(out var next, out _))
            {
                var term = sources[next].Current;
                if (same.Count > 0 && !same[0].Term.Span.SequenceEqual(term.Term.Span))
                {
                    writer.Add(Union(same, commonFrom));
                    same.Clear();
                }

                same.Add(term);
                if (await sources[next].MoveNextAsync()) queue.Enqueue(next, (sources[next].Current.Term, next));
            }

            if (same.Count > 0) writer.Add(Union(same, commonFrom));
        }
        finally
        {
            foreach (var source in sources) await source.DisposeAsync();
        }
    }

    private static TermPlaces Union(List<TermPlaces> same, int commonFrom)
    {
        if (same.Count == 1 && same[0].Places.Length <= commonFrom) return same[0];
        if (same.Exists(term => term.IsCommon)) return new TermPlaces(same[0].Term, default);
        var places = PlaceSets.Union(same.Select(term => term.Places));
        return new TermPlaces(same[0].Term, places.Length > commonFrom ? default : places);
    }
}

/// <summary>Ascending lists of places.</summary>
internal static class PlaceSets
{
    public static uint[] Union(IEnumerable<ReadOnlyMemory<uint>> sets)
    {
        var all = new List<uint>();
        foreach (var set in sets) all.AddRange(set.Span);
        all.Sort();
        var count = 0;
        for (var i = 0; i < all.Count; i++)
        {
            if (i == 0 || all[i] != all[i - 1]) all[count++] = all[i];
        }

        return [.. all.Take(count)];
    }

    public static uint[] Intersection(uint[] one, uint[] other)
    {
        var (common, i, j) = (new List<uint>(), 0, 0);
        while (i < one.Length && j < other.Length)
        {
            if (one[i] == other[j])
            {
                common.Add(one[i]);
                i++;
                j++;
            }
            else if (one[i] < other[j]) i++;
            else j++;
        }

        return [.. common];
    }
}
