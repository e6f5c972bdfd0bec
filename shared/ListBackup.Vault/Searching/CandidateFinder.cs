namespace ListBackup.Vault.Searching;

/// <summary>Where the index says that records may fulfil conditions. Never too few places, often some too many: the records decide.</summary>
internal sealed class CandidateFinder(SearchIndex index)
{
    // What has more places than this is found as soon by looking at records.
    private const int RangeBytesMax = 512 * 1024;

    /// <summary>Ascending places; null: the index does not narrow it down.</summary>
    public async Task<uint[]?> FindAsync(IReadOnlyList<SearchCondition> conditions, CancellationToken cancellation)
    {
        uint[]? all = null;
        foreach (var condition in conditions)
        {
            if (await FindAsync(condition, cancellation) is not { } places) continue;
            all = all is null ? places : PlaceSets.Intersection(all, places);
            if (all.Length == 0) return all;
        }

        return all;
    }

    private async Task<uint[]?> FindAsync(SearchCondition condition, CancellationToken cancellation) => condition switch
    {
        WordsCondition words => await WordsAsync(words.Text, words.IsClosed, field: null, cancellation),
        FieldCondition field => await WordsAsync(field.Text, !field.IsPrefix, field.Field, cancellation),
        HasCondition has => await HasAsync(has.Field, cancellation),
        PhoneCondition phone => await PhoneAsync(phone, cancellation),
        _ => null,
    };

    private async Task<uint[]?> WordsAsync(string text, bool isClosed, IReadOnlyList<string>? field, CancellationToken cancellation)
    {
        uint[]? all = null;
        for (var start = 0; start < text.Length;)
        {
            if (!SearchFolding.IsOfWord(text[start]))
            {
                start++;
                continue;
            }

            var end = SearchFolding.WordEnd(text, start);
            var isPrefix = end == text.Length && !isClosed && !SearchFolding.IsWord(text[start]);
            if (await WordAsync(text.AsSpan(start, end - start).ToString(), isPrefix, field, cancellation) is { } places)
            {
                all = all is null ? places : PlaceSets.Intersection(all, places);
                if (all.Length == 0) return all;
            }

            start = end;
        }

        return all;
    }

    private Task<uint[]?> WordAsync(string word, bool isPrefix, IReadOnlyList<string>? field, CancellationToken cancellation)
    {
        var bytes = new byte[RecordTerms.WordBytesMax];
        var length = RecordTerms.WordBytes(word, bytes);
        var from = bytes[..length];
        if (!RecordTerms.IsIndexed(from)) return Task.FromResult<uint[]?>(null);
        return isPrefix && length < RecordTerms.WordBytesMax ? RangeAsync(from, Behind(from), field, cancellation) : ExactAsync(from, field, cancellation);
    }

    private Task<uint[]?> ExactAsync(byte[] word, IReadOnlyList<string>? field, CancellationToken cancellation) =>
        RangeAsync([.. word, RecordTerms.FieldSeparator], [.. word, RecordTerms.FieldSeparator + 1], field, cancellation);

    private async Task<uint[]?> PhoneAsync(PhoneCondition phone, CancellationToken cancellation)
    {
        if (phone.Digits.Length > RecordTerms.WordBytesMax - 2) return null;
        var beginning = phone.Digits.Select(digit => (byte)digit).ToArray();
        byte[] ending = [RecordTerms.EndingMark, .. phone.Ending.Reverse().Select(digit => (byte)digit)];
        if (await RangeAsync(beginning, Behind(beginning), field: null, cancellation) is not { } begins) return null;
        if (await RangeAsync(ending, Behind(ending), field: null, cancellation) is not { } ends) return null;
        if (phone.Words is null) return PlaceSets.Union([begins, ends]);
        return await WordsAsync(phone.Words.Text, phone.Words.IsClosed, field: null, cancellation) is { } words ? PlaceSets.Union([begins, ends, words]) : null;
    }

    private async Task<uint[]?> HasAsync(IReadOnlyList<string> field, CancellationToken cancellation)
    {
        var found = new List<ReadOnlyMemory<uint>>();
        foreach (var layer in index.Layers)
        {
            foreach (var number in NumbersOf(layer, field))
            {
                byte[] from = [RecordTerms.PresenceMark, (byte)(number >> 8), (byte)number];
                if (!await AddAsync(layer, from, [.. from, 0], numbers: null, found, cancellation)) return null;
            }
        }

        return PlaceSets.Union(found);
    }

    private async Task<uint[]?> RangeAsync(byte[] from, byte[] to, IReadOnlyList<string>? field, CancellationToken cancellation)
    {
        var found = new List<ReadOnlyMemory<uint>>();
        foreach (var layer in index.Layers)
        {
            var numbers = field is null ? null : NumbersOf(layer, field);
            if (!await AddAsync(layer, from, to, numbers, found, cancellation)) return null;
        }

        return PlaceSets.Union(found);
    }

    /// <returns>False when the layer does not narrow it down.</returns>
    private static async Task<bool> AddAsync(LayerReader layer, byte[] from, byte[] to, HashSet<int>? numbers, List<ReadOnlyMemory<uint>> found, CancellationToken cancellation)
    {
        if (await layer.ReadRangeAsync(from, to, RangeBytesMax, cancellation) is not { } terms) return false;
        foreach (var term in terms)
        {
            var bytes = term.Term.Span;
            if (numbers is not null && !numbers.Contains((bytes[^2] << 8) | bytes[^1])) continue;
            if (term.IsCommon) return false;
            found.Add(term.Places);
        }

        return true;
    }

    /// <summary>The fields that a typed name means; 0, those beyond the limit, may be any.</summary>
    private static HashSet<int> NumbersOf(LayerReader layer, IReadOnlyList<string> field)
    {
        var numbers = new HashSet<int> { 0 };
        for (var i = 0; i < layer.Fields.Count; i++)
        {
            if (SearchCondition.IsFieldOf(layer.Fields[i], field)) numbers.Add(i + 1);
        }

        return numbers;
    }

    /// <summary>The first byte string behind all that begin so.</summary>
    private static byte[] Behind(byte[] beginning) => [.. beginning, 0xFF];
}
