using ListBackup.Domain;
using UglyToad.PdfPig;

namespace ListBackup.Sources.Tests;

public sealed class EvidencePdfTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_says_what_the_page_says_and_names_the_account_in_its_properties()
    {
        using var pdf = PdfDocument.Open(EvidencePdf.Write(Report(Row("Müller & Söhne", "CRM", Protection.Proven), Row("Zoë’s Bäckerei", "Shop", Protection.Stale))));

        var text = TextOf(pdf);
        pdf.Information.Title.ShouldBe("Backup evidence: Agency");
        text.ShouldContain("1 of 2 sources are proven");
        text.ShouldContain("Müller & Söhne");
        text.ShouldContain("stale");
        text.ShouldContain("2026-03-01 11:00 UTC");
        text.ShouldContain("1,234,567");
    }

    [Fact]
    public void A_long_table_goes_on_under_its_head_on_further_pages_and_loses_no_row()
    {
        var rows = Enumerable.Range(0, 300).Select(i => Row($"Client {i:000}", $"Source {i:000} with a name so long that it does not fit into a line", Protection.Proven)).ToArray();

        using var pdf = PdfDocument.Open(EvidencePdf.Write(Report(rows)));

        pdf.NumberOfPages.ShouldBeGreaterThan(5);
        foreach (var page in pdf.GetPages())
        {
            var words = page.GetWords().ToList();
            words.Select(word => word.Text).ShouldContain("Protection");
            // Nothing is drawn where paper ends.
            words.ShouldAllBe(word => word.BoundingBox.Left >= 0 && word.BoundingBox.Right <= page.Width && word.BoundingBox.Bottom >= 0 && word.BoundingBox.Top <= page.Height);
        }
        var text = TextOf(pdf);
        foreach (var row in rows) text.ShouldContain(row.AccountName);
    }

    [Fact]
    public void Names_of_any_kind_are_written_or_marked_and_never_break_it()
    {
        string[] names = ["Łódź", "Ελλάδα", "株式会社", "😀 party", "a\tb\nc", "", new('x', 400), "\u202eabc", "\ud800"];

        using var pdf = PdfDocument.Open(EvidencePdf.Write(Report([.. names.Select(name => Row(name, name, Protection.None))])));

        TextOf(pdf).ShouldContain("party");
    }

    private static string TextOf(PdfDocument pdf) => string.Join('\n', pdf.GetPages().Select(page => string.Join(' ', page.GetWords().Select(word => word.Text))));

    private static EvidenceReport Report(params FleetSourceView[] rows) => new("Agency", Now, 24, rows, IsComplete: true);

    private static FleetSourceView Row(string account, string name, Protection protection) => new()
    {
        AccountId = AccountId.New(TimeProvider.System),
        AccountName = account,
        SourceId = SourceId.New(TimeProvider.System),
        Name = name,
        Platform = "demo",
        Health = default,
        Protection = protection,
        ProvenAt = Now.AddHours(-1),
        LastSnapshotAt = Now.AddHours(-1),
        Records = 1_234_567,
    };
}
