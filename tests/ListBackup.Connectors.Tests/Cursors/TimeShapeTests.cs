using System.Text;
using CsCheck;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Cursors;

public class TimeShapeTests
{
    private static readonly string[] Formats =
    [
        "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M",
    ];

    [Fact]
    public void What_is_read_from_bytes_is_the_time_that_the_format_means()
    {
        var format = Gen.Int[0, Formats.Length - 1].Select(at => Formats[at]);
        var time = Gen.DateTime[new DateTime(1900, 1, 1), new DateTime(2300, 1, 1)].Select(at => new DateTimeOffset(at.Ticks / 10 * 10, TimeSpan.Zero));

        Gen.Select(format, time, Gen.Int[-840, 840], Gen.Int[0, 40], Gen.Char).Sample((written, at, minutes, place, damage) =>
        {
            var text = Times.Format(new Moment(at.ToOffset(TimeSpan.FromMinutes(minutes)), true), written);
            var damaged = place < text.Length ? text.Remove(place, 1).Insert(place, damage.ToString()) : text;
            var shape = TimeShape.Of(written).ShouldNotBeNull();

            var read = shape.Read(Encoding.UTF8.GetBytes(damaged));

            if (read is not null)
                read.Value.ShouldBe(Times.Parse(damaged, written)!.Value);
            if (damaged == text && Math.Abs(minutes) < 780)
                read.ShouldNotBeNull();
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("%s")]
    [InlineData("%ms")]
    [InlineData("%d.%m.%Y")]
    [InlineData("%Y-%m-%d %I:%M %p")]
    [InlineData("%Y-%m-%dT%H:%M:%S.%_msZ")]
    public void Other_formats_are_left_to_others(string format) => TimeShape.Of(format).ShouldBeNull();

    [Theory]
    [InlineData("2024-02-30T00:00:00Z")]
    [InlineData("2024-13-01T00:00:00Z")]
    [InlineData("2024-01-01T24:00:00Z")]
    [InlineData("2024-01-01T00:00:60Z")]
    [InlineData("2024-01-01T00:00:00")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("")]
    public void What_is_no_plain_time_is_left_to_others(string text) => TimeShape.Of("%Y-%m-%dT%H:%M:%SZ")!.Read(Encoding.UTF8.GetBytes(text)).ShouldBeNull();
}
