using System.Text;
using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("ada@example.org", """{"email":"ada@example.org"}""", "/email")]
    [InlineData("ada@example.org", """{"email":"ADA@Example.org "}""", "/email")]
    [InlineData("ada@example.org", """{"n":{"to":["x","Ada <ada@example.org>"]}}""", "/n/to/1")]
    [InlineData("ada@example.org", """{"text":"She wrote from ada@example.org. Then nothing."}""", "/text")]
    [InlineData("ada@example.org", """{"a~b/c":"ada@example.org"}""", "/a~0b~1c")]
    [InlineData("ada@example.org", """{"email":"bada@example.org"}""", null)]
    [InlineData("ada@example.org", """{"email":"x.ada@example.org"}""", null)]
    [InlineData("ada@example.org", """{"email":"ada@example.org.uk"}""", null)]
    [InlineData("ada@example.org", """{"ada@example.org":"x"}""", null)]
    [InlineData("+49 151 2345678", """{"phone":"0151/2345678"}""", "/phone")]
    [InlineData("0151 2345678", """{"phone":"+49 (151) 234-5678"}""", "/phone")]
    [InlineData("0151 2345678", """{"phone":"0151 2345679"}""", null)]
    [InlineData("0151 2345678", """{"phone":"5678"}""", null)]
    [InlineData("Ada Lovelace", """{"name":"Countess ada lovelace"}""", "/name")]
    [InlineData("Ada Lovelace", """{"name":"Ada Lovelaces"}""", null)]
    public void Fields_that_hold_an_identifier_are_found_and_those_of_others_are_not(string text, string json, string? field) =>
        Identifier.Parse(text).FieldsOf(Encoding.UTF8.GetBytes(json)).ShouldBe(field is null ? [] : [field]);

    [Theory]
    [InlineData(null)]
    [InlineData(" a ")]
    public void What_would_find_everybody_is_refused(string? text) => Should.Throw<Problem>(() => Identifier.Parse(text)).Kind.ShouldBe(ProblemKind.Invalid);
}
