using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ListBackup.Vault.Searching;

/// <summary>Brings text into the form that search compares: case, accents, widths and ligatures do not count, runs of white space are one space.</summary>
/// <remarks>
/// The table is Unicode's compatibility decomposition without its marks for the Latin, Greek and Cyrillic blocks, and a few letters that
/// people type without their stroke. It is here because the runtime, told to be culture-invariant, does not decompose.
/// </remarks>
internal static class SearchFolding
{
    /// <summary>Lines of: what it becomes, a space, the characters that become it.</summary>
    private const string Table = """
        0 ０⁰₀
        1 ¹１₁
        2 ²２₂
        3 ³３₃
        4 ４⁴₄
        5 ５⁵₅
        6 ６⁶₆
        7 ７⁷₇
        8 ８⁸₈
        9 ９⁹₉
        a ªÀÁÂÃÄÅàáâãäåĀāĂăĄąǍǎǞǟǠǡǺǻȀȁȂȃȦȧḀḁẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặＡａₐ
        ae ÆæǢǣǼǽ
        aʾ ẚ
        b ḂḃḄḅḆḇＢｂ
        c ÇçĆćĈĉĊċČčḈḉＣｃ
        d ÐðĎďĐđḊḋḌḍḎḏḐḑḒḓＤｄ
        dz ǄǅǆǱǲǳ
        e ÈÉÊËèéêëĒēĔĕĖėĘęĚěȄȅȆȇȨȩḔḕḖḗḘḙḚḛḜḝẸẹẺẻẼẽẾếỀềỂểỄễỆệＥｅₑ
        f ḞḟＦｆ
        ff ﬀ
        ffi ﬃ
        ffl ﬄ
        fi ﬁ
        fl ﬂ
        g ĜĝĞğĠġĢģǦǧǴǵḠḡＧｇ
        h ĤĥĦħȞȟḢḣḤḥḦḧḨḩḪḫẖＨｈₕ
        i ÌÍÎÏìíîïĨĩĪīĬĭĮįİıǏǐȈȉȊȋḬḭḮḯỈỉỊịＩｉⁱ
        ij Ĳĳ
        j ĴĵǰＪｊ
        k ĶķǨǩḰḱḲḳḴḵＫｋₖ
        l ĹĺĻļĽľĿŀŁłḶḷḸḹḺḻḼḽＬｌₗ
        lj Ǉǈǉ
        m ḾḿṀṁṂṃＭｍₘ
        n ÑñŃńŅņŇňǸǹṄṅṆṇṈṉṊṋＮｎⁿₙ
        nj Ǌǋǌ
        o ºÒÓÔÕÖØòóôõöøŌōŎŏŐőƠơǑǒǪǫǬǭǾǿȌȍȎȏȪȫȬȭȮȯȰȱṌṍṎṏṐṑṒṓỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợＯｏₒ
        oe Œœ
        p ṔṕṖṗＰｐₚ
        q Ｑｑ
        r ŔŕŖŗŘřȐȑȒȓṘṙṚṛṜṝṞṟＲｒ
        s ŚśŜŝŞşŠšſȘșṠṡṢṣṤṥṦṧṨṩẛＳｓₛ
        ss ßẞ
        st ﬅﬆ
        t ŢţŤťŦŧȚțṪṫṬṭṮṯṰṱẗＴｔₜ
        th Þþ
        u ÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưǓǔǕǖǗǘǙǚǛǜȔȕȖȗṲṳṴṵṶṷṸṹṺṻỤụỦủỨứỪừỬửỮữỰựＵｕ
        v ṼṽṾṿＶｖ
        w ŴŵẀẁẂẃẄẅẆẇẈẉẘＷｗ
        x ẊẋẌẍＸｘₓ
        y ÝýÿŶŷŸȲȳẎẏẙỲỳỴỵỶỷỸỹＹｙ
        z ŹźŻżŽžẐẑẒẓẔẕＺｚ
        ə ₔ
        ʒ Ǯǯ
        ʹ ʹ
        ʼn ŉ
        α ΆάἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏὰάᾰᾱᾶᾸᾹᾺΆ
        αι ᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾲᾳᾴᾷᾼ
        β ϐ
        ε ΈέϵἐἑἒἓἔἕἘἙἚἛἜἝὲέῈΈ
        η ΉήἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯὴήῆῊΉ
        ηι ᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟῂῃῄῇῌ
        θ ϑ
        ι ΊΐΪίϊἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὶίιῐῑῒΐῖῗῘῙῚΊ
        κ ϰ
        μ µ
        ο ΌόὀὁὂὃὄὅὈὉὊὋὌὍὸόῸΌ
        π ϖ
        ρ ϱῤῥῬ
        σ ςϲϹ
        υ ΎΫΰϋύϒϓϔὐὑὒὓὔὕὖὗὙὛὝὟὺύῠῡῢΰῦῧῨῩῪΎ
        φ ϕ
        ω ΏώὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὼώῶῺΏ
        ωι ᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯῲῳῴῷῼ
        а ӐӑӒӓ
        г Ѓѓ
        е ЀЁѐёӖӗ
        ж ӁӂӜӝ
        з Ӟӟ
        и ЍЙйѝӢӣӤӥ
        к Ќќ
        о Ӧӧ
        у ЎўӮӯӰӱӲӳ
        ч Ӵӵ
        ы Ӹӹ
        э Ӭӭ
        і Її
        ѵ Ѷѷ
        ә Ӛӛ
        ө Ӫӫ
        """;

    private static readonly FrozenDictionary<char, string> s_folded = Table.Split('\n')
        .Select(line => line.TrimEnd('\r').Split(' '))
        .SelectMany(parts => parts[1].Select(character => (character, parts[0])))
        .ToFrozenDictionary(pair => pair.character, pair => pair.Item2);

    /// <summary>The folded text; folding it again changes nothing.</summary>
    public static string Fold(ReadOnlySpan<char> text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                if (folded.Length == 0 || folded[^1] != ' ') folded.Append(' ');
            }
            else if (char.IsAscii(character)) folded.Append(char.ToLowerInvariant(character));
            else if (s_folded.TryGetValue(character, out var replacement)) folded.Append(replacement);
            else if (CharUnicodeInfo.GetUnicodeCategory(character) != UnicodeCategory.NonSpacingMark) folded.Append(char.ToLowerInvariant(character));
        }

        return folded.ToString();
    }

    /// <summary>Whether a folded character belongs to a word. Half of a surrogate pair does.</summary>
    public static bool IsOfWord(char character) => char.IsLetterOrDigit(character) || char.IsSurrogate(character);

    /// <summary>Whether it is a word by itself: scripts that do not part their words.</summary>
    public static bool IsWord(char character) => character is (>= '\u2E80' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');

    /// <summary>Whether a word begins at a place of a folded text.</summary>
    public static bool IsWordStart(ReadOnlySpan<char> text, int place) =>
        place == 0 || !IsOfWord(text[place - 1]) || IsWord(text[place - 1]) || (place < text.Length && IsWord(text[place]));

    /// <summary>Whether no word goes on beyond a place of a folded text that is not its beginning.</summary>
    public static bool IsWordEnd(ReadOnlySpan<char> text, int place) =>
        place == text.Length || !IsOfWord(text[place]) || !IsOfWord(text[place - 1]) || IsWord(text[place]) || IsWord(text[place - 1]);

    /// <summary>Where a word of a folded text ends that begins at a place.</summary>
    public static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        if (IsWord(text[start])) return start + 1;
        var end = start;
        while (end < text.Length && IsOfWord(text[end]) && !IsWord(text[end])) end++;
        return end;
    }

    /// <summary>The digits of what looks like a telephone number; null when it does not.</summary>
    public static string? PhoneDigits(ReadOnlySpan<char> text)
    {
        if (text.Length is < PhoneDigitsMin or > PhoneCharactersMax || IsDate(text)) return null;
        Span<char> digits = stackalloc char[text.Length];
        var count = 0;
        foreach (var character in text)
        {
            if (char.IsAsciiDigit(character)) digits[count++] = character;
            else if (character is not (' ' or '+' or '-' or '(' or ')' or '/' or '.')) return null;
        }

        return count < PhoneDigitsMin ? null : digits[..count].ToString();
    }

    // 2026-11-01 has as many digits as a number has.
    private static bool IsDate(ReadOnlySpan<char> text) => text is [_, _, _, _, '-', _, _, '-', _, _];

    public const int PhoneDigitsMin = 6;
    private const int PhoneCharactersMax = 40;
}
