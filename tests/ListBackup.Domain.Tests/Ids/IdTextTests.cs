using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Domain.Tests;

public sealed class IdTextTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_new_id_reads_back_as_itself()
    {
        var id = SourceId.New(_clock);

        SourceId.Parse(id.ToString()).ShouldBe(id);
        id.ToString().ShouldMatch("^src_[0-7][0-9a-hjkmnp-tv-z]{25}$");
    }

    [Fact]
    public void Ids_of_later_milliseconds_sort_later()
    {
        var ids = new List<string>();
        for (var i = 0; i < 1000; i++)
        {
            ids.Add(RunId.New(_clock).ToString());
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("src_")]
    [InlineData("acc_01hjkmnpqrstvwxyz0123456ab")]
    [InlineData("src_01hjkmnpqrstvwxyz0123456a")]
    [InlineData("src_01hjkmnpqrstvwxyz0123456abc")]
    [InlineData("src_81hjkmnpqrstvwxyz0123456ab")]
    [InlineData("src_01hjkmnpqrstvwxyz012345-ab")]
    [InlineData("src_01HJKMNPQRSTVWXYZ0123456AB")]
    [InlineData("src_01hjkmnpqrstvwxyz0123456al")]
    public void Text_of_another_form_is_no_id(string? text) => SourceId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Any_text_is_refused_or_reads_back_unchanged() => Gen.String.Sample(text =>
    {
        if (SourceId.TryParse("src_" + text, out var id)) id.ToString().ShouldBe("src_" + text);
    });

    [Fact]
    public void An_id_that_was_never_set_cannot_be_written() => Should.Throw<InvalidOperationException>(() => default(SourceId).ToString());
}
