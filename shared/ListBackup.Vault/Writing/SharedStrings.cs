using System.Runtime.InteropServices;

namespace ListBackup.Vault.Writing;

/// <summary>
/// Strings that many of a stream's records share: what a dictionary may be made of. A string counts once for each record, whichever way and however often the
/// record holds it, and no string that fewer than k records hold is ever given out, so nothing of it belongs to one person.
/// </summary>
/// <remarks>
/// Lines are cut into words (runs of letters, of digits, of anything else). Phrases of two words are counted, then of three and so on, each only where both phrases of
/// one word less were shared; a phrase is told by the numbers of those two, so the counts are exact. A phrase that no longer shared one holds is a candidate; of those
/// the ones are taken, again and again, that bring the most that the taken ones do not have yet.
/// <para>One person may have many records, so two kinds of words are left out however many hold them: what stands before an @, and numbers as long as a telephone's.</para>
/// </remarks>
internal sealed class SharedStrings
{
    private const int WordsMax = 96;
    private const int BytesMin = 6;
    private const int DigitsMax = 8;
    private const int DigitKind = 0;

    /// <summary>Words of the pieces whose repetition is worth nothing.</summary>
    private const int PieceWords = 3;

    private readonly int _recordsMin;
    private readonly List<byte> _text = [];
    private readonly List<int> _starts = [];
    private readonly List<int> _records = [];
    private readonly List<Phrase> _candidates = [];
    private int[] _pieces = [];
    private long[] _pieceValues = [];

    private SharedStrings(int recordsMin) => _recordsMin = recordsMin;

    /// <summary>The strings, the most useful first, until they fill so many bytes.</summary>
    /// <param name="lines">One for each record; of different records.</param>
    /// <param name="recordsMin">How many records must hold a string.</param>
    /// <param name="bytesMax">Room for the strings and one byte behind each.</param>
    public static IReadOnlyList<byte[]> Find(IReadOnlyList<ReadOnlyMemory<byte>> lines, int recordsMin, int bytesMax)
    {
        var finder = new SharedStrings(recordsMin);
        for (var record = 0; record < lines.Count; record++) finder.AddWords(lines[record].Span, record);
        finder._starts.Add(finder._text.Count);
        finder.FindPhrases();
        return finder.Choose(bytesMax);
    }

    private void AddWords(ReadOnlySpan<byte> line, int record)
    {
        for (var start = 0; start < line.Length;)
        {
            var end = start + 1;
            while (end < line.Length && KindOf(line[end]) == KindOf(line[start])) end++;
            _starts.Add(_text.Count + start);
            _records.Add(record);
            start = end;
        }

        _text.AddRange(line);
    }

    private static int KindOf(byte value) => value switch
    {
        >= (byte)'0' and <= (byte)'9' => DigitKind,
        >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= 0x80 => 1,
        _ => 2,
    };

    private void FindPhrases()
    {
        var (numbers, next) = (new int[_records.Count], new int[_records.Count]);
        Array.Fill(numbers, -1);
        Array.Fill(next, -1);
        var (places, phrases) = CountWords(numbers);
        for (var words = 1; words <= WordsMax && phrases.Count > 0; words++)
        {
            if (words == PieceWords) (_pieces, _pieceValues) = ([.. numbers], [.. phrases.Select(phrase => (long)phrase.Records * LengthOf(phrase))]);
            var (longerPlaces, longer) = CountLonger(numbers, next, places, phrases.Count, words + 1);
            foreach (var phrase in longer) phrases[numbers[phrase.Place]].IsPartOfLonger = phrases[numbers[phrase.Place + 1]].IsPartOfLonger = true;
            if (words >= PieceWords) _candidates.AddRange(phrases.Where(phrase => !phrase.IsPartOfLonger && LengthOf(phrase) >= BytesMin));
            // A place that drops out must read as none in both arrays, whichever comes next.
            foreach (var place in places) numbers[place] = next[place] < 0 ? -1 : numbers[place];
            (numbers, next, places, phrases) = (next, numbers, longerPlaces, longer);
        }
    }

    /// <summary>Fills in each place's number among the shared words; gives the places that have one.</summary>
    private (List<int> Places, List<Phrase> Shared) CountWords(int[] numbers)
    {
        var text = CollectionsMarshal.AsSpan(_text);
        var byText = new Dictionary<string, int>(StringComparer.Ordinal);
        var (places, counts) = (new List<int>(), new Counts(words: 1));
        for (var place = 0; place < numbers.Length; place++)
        {
            var bytes = text[_starts[place].._starts[place + 1]];
            if (bytes.Length > DigitsMax && KindOf(bytes[0]) == DigitKind) continue;
            var word = System.Text.Encoding.Latin1.GetString(bytes);
            if (!byText.TryGetValue(word, out var number)) byText.Add(word, number = counts.New(place));
            counts.See(number, _records[place]);
            numbers[place] = number;
            places.Add(place);
        }

        return counts.KeepShared(numbers, places, _recordsMin);
    }

    /// <summary>The same for phrases of one word more than those that the places have now.</summary>
    private (List<int> Places, List<Phrase> Shared) CountLonger(int[] numbers, int[] longer, List<int> places, int phraseCount, int words)
    {
        var byHalves = new Dictionary<long, int>();
        var (longerPlaces, counts) = (new List<int>(), new Counts(words));
        foreach (var place in places)
        {
            longer[place] = -1;
            if (place + words > numbers.Length || numbers[place + 1] < 0 || _records[place + words - 1] != _records[place] || HasAt(place + 1)) continue;
            // Both numbers in one without gaps: a hash of two shifted ones would be the same for many pairs.
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(byHalves, ((long)numbers[place] * phraseCount) + numbers[place + 1], out var exists);
            if (!exists) number = counts.New(place);
            counts.See(number, _records[place]);
            longer[place] = number;
            longerPlaces.Add(place);
        }

        return counts.KeepShared(longer, longerPlaces, _recordsMin);
    }

    // The longer phrase's other words stand in its second half, which began with none.
    private bool HasAt(int place) => CollectionsMarshal.AsSpan(_text)[_starts[place].._starts[place + 1]].Contains((byte)'@');

    private List<byte[]> Choose(int bytesMax)
    {
        var (chosen, bytes) = (new List<byte[]>(), 0);
        var taken = new bool[_pieceValues.Length];
        var queue = new PriorityQueue<Phrase, double>(_candidates.Select(phrase => (phrase, -ValueOf(phrase, taken))));
        while (queue.TryDequeue(out var phrase, out var value))
        {
            // What was taken since makes it worth less; it comes up again in its place.
            var present = -ValueOf(phrase, taken);
            if (present > value && queue.TryPeek(out _, out var next) && present > next)
            {
                if (present < 0) queue.Enqueue(phrase, present);
                continue;
            }

            if (present == 0) break;
            if (bytes + LengthOf(phrase) + 1 > bytesMax) continue;
            bytes += LengthOf(phrase) + 1;
            chosen.Add(CollectionsMarshal.AsSpan(_text).Slice(_starts[phrase.Place], LengthOf(phrase)).ToArray());
            foreach (var piece in PiecesOf(phrase)) taken[piece] = true;
        }

        return chosen;
    }

    /// <summary>For each byte of it, how often records hold what the taken ones lack.</summary>
    private double ValueOf(Phrase phrase, bool[] taken)
    {
        var sum = 0L;
        foreach (var piece in PiecesOf(phrase))
        {
            if (!taken[piece]) sum += _pieceValues[piece];
        }

        return (double)sum / (LengthOf(phrase) + 1);
    }

    private ReadOnlySpan<int> PiecesOf(Phrase phrase) => _pieces.AsSpan(phrase.Place, phrase.Words - PieceWords + 1);

    private int LengthOf(Phrase phrase) => _starts[phrase.Place + phrase.Words] - _starts[phrase.Place];

    /// <summary>Counts of phrases of one length.</summary>
    private sealed class Counts(int words)
    {
        private readonly List<(int Place, int Records, int LastRecord)> _phrases = [];

        public int New(int place)
        {
            _phrases.Add((place, 0, -1));
            return _phrases.Count - 1;
        }

        public void See(int number, int record)
        {
            ref var phrase = ref CollectionsMarshal.AsSpan(_phrases)[number];
            if (phrase.LastRecord == record) return;
            phrase.Records++;
            phrase.LastRecord = record;
        }

        /// <summary>Numbers only those that are shared; at the other places the number becomes -1.</summary>
        public (List<int> Places, List<Phrase> Shared) KeepShared(int[] numbers, List<int> places, int recordsMin)
        {
            var (renumbered, shared, kept) = (new int[_phrases.Count], new List<Phrase>(), new List<int>());
            for (var i = 0; i < renumbered.Length; i++)
            {
                renumbered[i] = _phrases[i].Records >= recordsMin ? shared.Count : -1;
                if (renumbered[i] >= 0) shared.Add(new Phrase(_phrases[i].Place, words, _phrases[i].Records));
            }

            foreach (var place in places)
            {
                numbers[place] = renumbered[numbers[place]];
                if (numbers[place] >= 0) kept.Add(place);
            }

            return (kept, shared);
        }
    }

    private sealed class Phrase(int place, int words, int records)
    {
        public int Place { get; } = place;

        public int Words { get; } = words;

        public int Records { get; } = records;

        public bool IsPartOfLonger { get; set; }
    }
}
