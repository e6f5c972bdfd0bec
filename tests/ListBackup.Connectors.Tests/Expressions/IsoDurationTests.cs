namespace ListBackup.Connectors.Expressions;

public class IsoDurationTests
{
    [Theory]
    [InlineData("P1Y2M", 14, 0)]
    [InlineData("P2W3D", 0, 17 * 86_400)]
    [InlineData("PT1H30M", 0, 5_400)]
    [InlineData("P1MT1M", 1, 60)]
    [InlineData("-P1DT0.5S", 0, -86_400.5)]
    [InlineData("+PT10S", 0, 10)]
    [InlineData("P1.5D", 0, 129_600)]
    public void A_duration_has_months_and_seconds(string text, int months, double seconds) =>
        IsoDuration.Parse(text).ShouldBe(new IsoDuration(months, TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("1D")]
    [InlineData("P1")]
    [InlineData("P1.D")]
    [InlineData("P.5D")]
    [InlineData("P1D2W")]
    [InlineData("P1H")]
    [InlineData("PT1D")]
    [InlineData("P1D1D")]
    [InlineData("--P1D")]
    [InlineData("P-1D")]
    [InlineData("P٣D")]
    [InlineData("P9999999D")]
    public void What_is_no_duration_is_none(string text) => IsoDuration.Parse(text).ShouldBeNull();
}
