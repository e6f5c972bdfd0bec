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
    private readonly byte[] _text;
    private readonly List<int> _starts;
    private readonly List<int> _records;
    private readonly Counts _counts = new();
    // Places that have a number of the present length; what they are narrowed to stays in the front part.
    private int[] _places = [];
    private int _placeCount;
    // Phrases by their hash. Made once, since there are a million words and large arrays are let go of late.
    private int[] _slots = [];
    private int _textLength;
    private readonly List<Phrase> _candidates = [];
    private int[] _pieces = [];
    private long[] _pieceValues = [];

    private SharedStrings(IReadOnlyList<ReadOnlyMemory<byte>> lines, int recordsMin)
    {
        _recordsMin = recordsMin;
        _text = new byte[lines.Sum(line => line.Length)];
        var words = lines.Sum(line => WordsIn(line.Span));
        (_starts, _records) = (new List<int>(words + 1), new List<int>(words));
        for (var record = 0; record < lines.Count; record++) AddWords(lines[record].Span, record);
        _starts.Add(_textLength);
    }

    /// <summary>The strings, the most useful first, until they fill so many bytes.</summary>
    /// <param name="lines">One for each record; of different records.</param>
    /// <param name="recordsMin">How many records must hold a string.</param>
    /// <param name="bytesMax">Room for the strings and one byte behind each.</param>
    public static IReadOnlyList<byte[]> Find(IReadOnlyList<ReadOnlyMemory<byte>> lines, int recordsMin, int bytesMax)
    {
        var finder = new SharedStrings(lines, recordsMin);
        finder.FindPhrases();
        return finder.Choose(bytesMax);
    }

    private void AddWords(ReadOnlySpan<byte> line, int record)
    {
        for (var start = 0; start < line.Length;)
        {
            var end = WordEnd(line, start);
            _starts.Add(_textLength + start);
            _records.Add(record);
            start = end;
        }

        line.CopyTo(_text.AsSpan(_textLength));
        _textLength += line.Length;
    }

    private static int WordsIn(ReadOnlySpan<byte> line)
    {
        var words = 0;
        for (var start = 0; start < line.Length; start = WordEnd(line, start)) words++;
        return words;
    }

    private static int WordEnd(ReadOnlySpan<byte> line, int start)
    {
        var end = start + 1;
        while (end < line.Length && KindOf(line[end]) == KindOf(line[start])) end++;
        return end;
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
        _places = new int[_records.Count];
        _slots = new int[SlotCount(_records.Count)];
        var phrases = CountWords(numbers);
        for (var words = 1; words <= WordsMax && phrases.Count > 0; words++)
        {
            if (words == PieceWords) (_pieces, _pieceValues) = ([.. numbers], [.. phrases.Select(phrase => (long)phrase.Records * LengthOf(phrase))]);
            var longer = CountLonger(numbers, next, words + 1);
            foreach (var phrase in longer) phrases[numbers[phrase.Place]].IsPartOfLonger = phrases[numbers[phrase.Place + 1]].IsPartOfLonger = true;
            if (words >= PieceWords) _candidates.AddRange(phrases.Where(phrase => !phrase.IsPartOfLonger && LengthOf(phrase) >= BytesMin));
            NarrowPlaces(numbers, next);
            (numbers, next, phrases) = (next, numbers, longer);
        }
    }

    // At most three quarters full: a probe ends soon.
    private static int SlotCount(int phrasesMax) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(phrasesMax + (phrasesMax / 3), 16));

    /// <summary>Leaves the places that have a number in the next array. One that drops out must read as none in both arrays, whichever comes next.</summary>
    private void NarrowPlaces(int[] numbers, int[] next)
    {
        var kept = 0;
        foreach (var place in _places.AsSpan(0, _placeCount))
        {
            if (next[place] < 0) numbers[place] = -1;
            else _places[kept++] = place;
        }

        _placeCount = kept;
    }

    /// <summary>Fills in each place's number among the shared words, and the places that have one.</summary>
    private List<Phrase> CountWords(int[] numbers)
    {
        _counts.Clear();
        for (var place = 0; place < numbers.Length; place++)
        {
            var word = WordAt(place);
            if (word.Length > DigitsMax && KindOf(word[0]) == DigitKind) continue;
            var hash = new HashCode();
            hash.AddBytes(word);
            var slot = hash.ToHashCode() & (_slots.Length - 1);
            while (_slots[slot] != 0 && !WordAt(_counts.PlaceOf(_slots[slot] - 1)).SequenceEqual(word)) slot = (slot + 1) & (_slots.Length - 1);
            See(slot, place, numbers);
            _places[_placeCount++] = place;
        }

        var shared = KeepShared(numbers, words: 1);
        NarrowPlaces(numbers, numbers);
        return shared;
    }

    /// <summary>The same for phrases of one word more than those that the places have now; the places stay.</summary>
    private List<Phrase> CountLonger(int[] numbers, int[] longer, int words)
    {
        _counts.Clear();
        // Fewer places, fewer slots: most lengths have few.
        var slots = _slots.AsSpan(0, SlotCount(_placeCount));
        slots.Clear();
        foreach (var place in _places.AsSpan(0, _placeCount))
        {
            longer[place] = -1;
            if (place + words > numbers.Length || numbers[place + 1] < 0 || _records[place + words - 1] != _records[place] || HasAt(place + 1)) continue;
            var halves = (First: numbers[place], Second: numbers[place + 1]);
            var slot = HashCode.Combine(halves.First, halves.Second) & (slots.Length - 1);
            while (slots[slot] != 0 && HalvesAt(_counts.PlaceOf(slots[slot] - 1)) != halves) slot = (slot + 1) & (slots.Length - 1);
            See(slot, place, longer);
        }

        return KeepShared(longer, words);

        (int First, int Second) HalvesAt(int place) => (numbers[place], numbers[place + 1]);
    }

    private void See(int slot, int place, int[] numbers)
    {
        if (_slots[slot] == 0) _slots[slot] = _counts.New(place) + 1;
        numbers[place] = _slots[slot] - 1;
        _counts.See(numbers[place], _records[place]);
    }

    /// <summary>Numbers only those that are shared; at the other places the number becomes -1.</summary>
    private List<Phrase> KeepShared(int[] numbers, int words)
    {
        var shared = _counts.KeepShared(words, _recordsMin);
        foreach (var place in _places.AsSpan(0, _placeCount))
        {
            if (numbers[place] >= 0) numbers[place] = _counts.NumberOf(numbers[place]);
        }

        return shared;
    }

    private ReadOnlySpan<byte> WordAt(int place) => _text.AsSpan(_starts[place].._starts[place + 1]);

    // The longer phrase's other words stand in its second half, which began with none.
    private bool HasAt(int place) => WordAt(place).Contains((byte)'@');

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
            chosen.Add(_text.AsSpan(_starts[phrase.Place], LengthOf(phrase)).ToArray());
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
    private sealed class Counts
    {
        private readonly List<(int Place, int Records, int LastRecord)> _phrases = [];

        public void Clear() => _phrases.Clear();

        public int New(int place)
        {
            _phrases.Add((place, 0, -1));
            return _phrases.Count - 1;
        }

        public int PlaceOf(int number) => _phrases[number].Place;

        public void See(int number, int record)
        {
            ref var phrase = ref CollectionsMarshal.AsSpan(_phrases)[number];
            if (phrase.LastRecord == record) return;
            phrase.Records++;
            phrase.LastRecord = record;
        }

        /// <summary>The shared ones; from here on <see cref="NumberOf"/> says which of these a number is.</summary>
        public List<Phrase> KeepShared(int words, int recordsMin)
        {
            var shared = new List<Phrase>();
            foreach (ref var phrase in CollectionsMarshal.AsSpan(_phrases))
            {
                var isShared = phrase.Records >= recordsMin;
                if (isShared) shared.Add(new Phrase(phrase.Place, words, phrase.Records));
                phrase.Records = isShared ? shared.Count - 1 : -1;
            }

            return shared;
        }

        public int NumberOf(int number) => _phrases[number].Records;
    }

    private sealed class Phrase(int place, int words, int records)
    {
        public int Place { get; } = place;

        public int Words { get; } = words;

        public int Records { get; } = records;

        public bool IsPartOfLonger { get; set; }
    }
}
