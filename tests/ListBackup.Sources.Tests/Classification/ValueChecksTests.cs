namespace ListBackup.Sources.Tests;

public sealed class ValueChecksTests
{
    [Theory]
    [InlineData("ada@example.com", DataClass.Personal)]
    [InlineData("+49 (30) 1234-5678", DataClass.Personal)]
    [InlineData("+442079460958", DataClass.Personal)]
    [InlineData("DE89 3704 0044 0532 0130 00", DataClass.Personal)] // The examples of the IBAN registry.
    [InlineData("GB29NWBK60161331926819", DataClass.Personal)]
    [InlineData("203.0.113.7", DataClass.Personal)]
    [InlineData("2001:db8::1", DataClass.Personal)]
    [InlineData("4111 1111 1111 1111", DataClass.Sensitive)] // Numbers for tests that card schemes publish.
    [InlineData("3782-822463-10005", DataClass.Sensitive)]
    public void What_is_about_a_person_is_found(string text, DataClass expected) => ValueChecks.ClassOf(text).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("@")]
    [InlineData("vip")]
    [InlineData("1.2.3.4")] // A version, as likely.
    [InlineData("+1")]
    [InlineData("+12345678901234567")]
    [InlineData("4111111111111111")] // An order's number, as likely.
    [InlineData("4111 1111 1111 1112")]
    [InlineData("DE89370400440532013001")]
    [InlineData("2026-03-01T12:00:00Z")]
    [InlineData("12:34:56")]
    [InlineData("co_1020")]
    [InlineData("d290f1ee-6c54-4b01-90e6-d701748f0851")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
    public void What_may_be_anything_is_left_to_names_and_people(string text) => ValueChecks.ClassOf(text).ShouldBeNull();

    [Fact]
    public void One_wrong_digit_is_no_iban_and_no_card()
    {
        const string Iban = "GB29NWBK60161331926819", Card = "4012 8888 8888 1881";
        for (var i = 0; i < Iban.Length; i++) Other(Iban, i).ShouldAllBe(text => !ValueChecks.IsIban(text));
        for (var i = 0; i < Card.Length; i++) Other(Card, i).ShouldAllBe(text => !ValueChecks.IsCard(text));

        static IEnumerable<string> Other(string text, int at) =>
            char.IsAsciiDigit(text[at]) ? Enumerable.Range(0, 10).Select(d => (char)('0' + d)).Where(d => d != text[at]).Select(d => $"{text[..at]}{d}{text[(at + 1)..]}") : [];
    }
}
