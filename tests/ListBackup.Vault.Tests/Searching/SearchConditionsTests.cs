using System.Text;
using ListBackup.Vault.Searching;

namespace ListBackup.Vault.Tests.Searching;

public sealed class SearchConditionsTests
{
    private const string Ada = """
        {"id":1042,"name":"Zoë Ada  Lovelace","email":"Ada.Lovelace@Example.ORG","phone":"+49 (151) 234-5678","status":"unsubscribed","vip":true,
        "address":{"city":"Łódź","zip":null},"tags":["news","東京都"],"born":"1815-12-10","lone":"\ud800x","properties":{"lifecycle stage":"Lead"}}
        """;

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("lovel")]
    [InlineData("ada.lovelace@exa")]
    [InlineData("@example.org")]
    [InlineData("ZOE")]
    [InlineData("zoë lodz")]
    [InlineData("lodz")]
    [InlineData("ŁÓDŹ")]
    [InlineData("京都")]
    [InlineData("1042")]
    [InlineData("1815-12")]
    [InlineData("\"ada lovelace\"")]
    [InlineData("\"zoe ada\"")]
    [InlineData("\"ada.lovelace@example\"")]
    [InlineData("\"東京\"")]
    [InlineData("email:ada.lovelace@example.org")]
    [InlineData("EMAIL:ada.lovelace*")]
    [InlineData("name:\"zoe ada lovelace\"")]
    [InlineData("address.city:lodz")]
    [InlineData("/address/city:lodz")]
    [InlineData("city:lodz")]
    [InlineData("tags:news")]
    [InlineData("vip:true")]
    [InlineData("status:unsubscribed ada")]
    [InlineData("has:phone")]
    [InlineData("has:address")]
    [InlineData("+491512345678")]
    [InlineData("0151 2345678")]
    [InlineData("1512345678")]
    [InlineData("+49 151")]
    public void A_record_is_found_by_what_a_person_types(string text) => Match(text).ShouldBeTrue();

    [Theory]
    [InlineData("da")]
    [InlineData("ada@")]
    [InlineData("...")]
    [InlineData("\"ada love\"")]
    [InlineData("\"ada.love\"")]
    [InlineData("\"lovelace ada\"")]
    [InlineData("email:ada")]
    [InlineData("mail:ada.lovelace@example.org")]
    [InlineData("status:subscribed")]
    [InlineData("has:zip")]
    [InlineData("has:fax")]
    [InlineData("true")]
    [InlineData("ada babbage")]
    [InlineData("2345677")]
    [InlineData("https://example.org")]
    public void Others_are_not(string text) => Match(text).ShouldBeFalse();

    private static bool Match(string text) => SearchConditions.Parse(text).Match(Encoding.UTF8.GetBytes(Ada));
}
