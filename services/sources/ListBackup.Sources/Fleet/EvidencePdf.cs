using System.Globalization;
using System.Text;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace ListBackup.Sources;

/// <summary>
/// The evidence report as PDF, A4 across: a heading, and a table whose head stands on every page. Letters are those of a DejaVu font where the machine has one, which is then embedded;
/// otherwise those of Helvetica, which every reader has and which knows western European letters only. What no letter is there for becomes a question mark.
/// </summary>
internal sealed class EvidencePdf : IDisposable
{
    private const double Width = 842;
    private const double Height = 595;
    private const double Margin = 42;
    private const double TextSize = 8.5;
    private const double LineHeight = 11.5;
    private const double CellGap = 8;

    private static readonly string[] FontFolders = ["/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/dejavu", "/usr/share/fonts/TTF"];

    private static readonly (string Title, double Width)[] Columns =
        [("Account", 120), ("Source", 130), ("Protection", 66), ("Last proven", 108), ("Last snapshot", 108), ("Records", 62), ("Note", 164)];

    private const int RecordsColumn = 5;

    private readonly PdfDocumentBuilder _document = new();
    private readonly PdfDocumentBuilder.AddedFont _plain;
    private readonly PdfDocumentBuilder.AddedFont _bold;
    private readonly Dictionary<Rune, bool> _isKnown = [];
    private PdfPageBuilder _page;
    private double _y;
    private int _pages;

    private EvidencePdf()
    {
        _plain = Font("DejaVuSans.ttf", Standard14Font.Helvetica);
        _bold = Font("DejaVuSans-Bold.ttf", Standard14Font.HelveticaBold);
        _page = NewPage();
    }

    public static byte[] Write(EvidenceReport report)
    {
        using var pdf = new EvidencePdf();
        return pdf.Build(report);
    }

    public void Dispose() => _document.Dispose();

    private byte[] Build(EvidenceReport report)
    {
        _document.DocumentInformation.Title = $"Backup evidence: {report.Name}";
        _document.DocumentInformation.Producer = "ListBackup";
        Text("Backup evidence", Margin, 18, _bold);
        _y -= 20;
        Paragraph($"{report.Name} and all accounts below it, {EvidenceText.Time(report.At)}. {EvidenceText.Meaning(report.Hours)}");
        Paragraph(EvidenceText.Sum(report), _bold);
        if (!report.IsComplete) Paragraph(EvidenceText.Rest, _bold);
        _y -= LineHeight;
        Head();
        foreach (var row in report.Rows)
        {
            Row([row.AccountName, $"{row.Name} ({row.Platform})", ApiText.Of(row.Protection), EvidenceText.Time(row.ProvenAt), EvidenceText.Time(row.LastSnapshotAt),
                row.Records?.ToString("N0", CultureInfo.InvariantCulture) ?? "", row.Reason?.Message ?? ""]);
        }
        return _document.Build();
    }

    private void Row(IReadOnlyList<string> cells)
    {
        var lines = cells.Select((cell, i) => Wrapped(cell, Columns[i].Width - CellGap, _plain)).ToList();
        var height = lines.Max(cell => cell.Count) * LineHeight + 5;
        if (_y - height < Margin + LineHeight)
        {
            _page = NewPage();
            Head();
        }
        Cells(lines, _plain);
        _y -= height;
        Rule();
    }

    private void Head()
    {
        Cells([.. Columns.Select(column => (IReadOnlyList<string>)[column.Title])], _bold);
        _y -= LineHeight + 5;
        Rule();
    }

    private void Cells(IReadOnlyList<IReadOnlyList<string>> cells, PdfDocumentBuilder.AddedFont font)
    {
        var x = Margin;
        for (var i = 0; i < cells.Count; i++)
        {
            for (var line = 0; line < cells[i].Count; line++)
            {
                var indent = i == RecordsColumn ? Columns[i].Width - CellGap - WidthOf(cells[i][line], TextSize, font) : 0;
                Draw(cells[i][line], x + indent, _y - LineHeight - line * LineHeight, TextSize, font);
            }
            x += Columns[i].Width;
        }
    }

    private void Rule() => _page.DrawLine(new PdfPoint(Margin, _y), new PdfPoint(Width - Margin, _y), 0.4);

    private void Paragraph(string text, PdfDocumentBuilder.AddedFont? font = null)
    {
        foreach (var line in Wrapped(text, Width - 2 * Margin, font ?? _plain)) Text(line, Margin, TextSize, font ?? _plain);
    }

    private void Text(string text, double x, double size, PdfDocumentBuilder.AddedFont font)
    {
        _y -= Math.Max(LineHeight, size);
        Draw(text, x, _y, size, font);
    }

    private void Draw(string text, double x, double y, double size, PdfDocumentBuilder.AddedFont font)
    {
        if (text.Length > 0) _page.AddText(text, size, new PdfPoint(x, y), font);
    }

    private PdfPageBuilder NewPage()
    {
        var page = _document.AddPage(Width, Height);
        _page = page;
        _y = Height - Margin;
        _pages++;
        Draw($"{_pages}", Width - Margin - 10, Margin / 2, TextSize, _plain);
        return page;
    }

    /// <summary>In lines that are not wider than that; words that are too long for one are cut.</summary>
    private List<string> Wrapped(string text, double width, PdfDocumentBuilder.AddedFont font)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in Known(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var rest = word;
            while (rest.Length > 0)
            {
                var wanted = line.Length == 0 ? rest : $"{line} {rest}";
                if (WidthOf(wanted, TextSize, font) <= width)
                {
                    (line, rest) = (wanted, "");
                }
                else if (line.Length > 0)
                {
                    lines.Add(line);
                    line = "";
                }
                else
                {
                    var length = Fitting(rest, width, font);
                    lines.Add(rest[..length]);
                    rest = rest[length..];
                }
            }
        }
        if (line.Length > 0 || lines.Count == 0) lines.Add(line);
        return lines;
    }

    /// <summary>How many characters of a word fit, at least one.</summary>
    private int Fitting(string word, double width, PdfDocumentBuilder.AddedFont font)
    {
        var length = 1;
        while (length < word.Length && WidthOf(word[..(length + 1)], TextSize, font) <= width) length++;
        return length;
    }

    private double WidthOf(string text, double size, PdfDocumentBuilder.AddedFont font)
    {
        if (text.Length == 0) return 0;
        var letters = _page.MeasureText(text, size, new PdfPoint(0, 0), font);
        return letters.Count == 0 ? 0 : letters[^1].EndBaseLine.X;
    }

    /// <summary>With a question mark for what the fonts have no letter for.</summary>
    private string Known(string text)
    {
        var known = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune)) known.Append(' ');
            else known.Append(IsKnown(rune) ? rune.ToString() : "?");
        }
        return known.ToString();
    }

    private bool IsKnown(Rune rune)
    {
        // Of the builder's fonts none goes beyond the basic plane.
        if (!rune.IsBmp) return false;
        if (_isKnown.TryGetValue(rune, out var known)) return known;
        try
        {
            known = _page.MeasureText(rune.ToString(), TextSize, new PdfPoint(0, 0), _plain).Count > 0 && _page.MeasureText(rune.ToString(), TextSize, new PdfPoint(0, 0), _bold).Count > 0;
        }
        catch (Exception missing) when (missing is InvalidOperationException or NotSupportedException or KeyNotFoundException)
        {
            known = false;
        }
        return _isKnown[rune] = known;
    }

    private PdfDocumentBuilder.AddedFont Font(string file, Standard14Font otherwise) =>
        FontFolders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists) is { } path ? _document.AddTrueTypeFont(File.ReadAllBytes(path)) : _document.AddStandard14Font(otherwise);
}
