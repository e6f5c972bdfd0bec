using System.Text;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Tests.Format;

/// <summary>A line means the same however it is spelled: the usual spelling is read by a shorter way.</summary>
public sealed class RecordLineTests
{
    [Theory]
    [InlineData("""{"k":"7","o":"put","v":{"id":7}}""", """{"k":"\u0037","o":"put","v":{"id":7}}""")]
    [InlineData("""{"k":"7","n":12,"o":"put","v":{}}""", """{"k":"\u0037","n":12,"o":"put","v":{}}""")]
    [InlineData("""{"k":"","o":"put","v":{"k":"7","o":"del"}}""", """{"k":"", "o":"put","v":{"k":"7","o":"del"}}""")]
    [InlineData("""{"k":"a b,{}:","n":9223372036854775807,"o":"put","v":{"a":"}"}}""", """{"k":"a b,{\u007d:","n":9223372036854775807,"o":"put","v":{"a":"}"}}""")]
    public void The_usual_spelling_and_another_read_alike(string usual, string other)
    {
        var (left, right) = (RecordLine.Read(Utf8(usual)), RecordLine.Read(Utf8(other)));

        (left.Key, left.Seq, left.Operation).ShouldBe((right.Key, right.Seq, right.Operation));
        left.Json!.Value.ToArray().ShouldBe(right.Json!.Value.ToArray());
        AgainOf(left, seq: 5).ShouldBe(usual.Replace("\"n\":12,", "").Replace("\"n\":9223372036854775807,", "").Replace("\"o\":\"put\",\"v\"", "\"n\":5,\"o\":\"put\",\"v\"") + "\n");
    }

    [Theory]
    [InlineData("""{"k":"7","n":012,"o":"put","v":{}}""")]
    [InlineData("""{"k":"7","n":-,"o":"put","v":{}}""")]
    [InlineData("""{"k":"7","n":9223372036854775808,"o":"put","v":{}}""")]
    [InlineData("""{"k":"7","o":"put","v":{}""" + "\"")]
    [InlineData("""{"k":"7","n":""")]
    [InlineData("""{"k":"7""")]
    [InlineData("{\"k\":\"7\u0001\",\"o\":\"put\",\"v\":{}}")]
    public void What_is_nearly_usual_is_refused(string line)
    {
        Should.Throw<Exception>(() => RecordLine.Read(Utf8(line))).ShouldBeAssignableTo<Exception>().ShouldSatisfyAllConditions(
            exception => (exception is JsonException or FormatException or InvalidOperationException).ShouldBeTrue(exception.GetType().Name));
    }

    [Theory]
    [InlineData("""{"k":"7","o":"del"}""", "7", true)]
    [InlineData("""{"k":"8","o":"del"}""", "7", false)]
    [InlineData("""{"k":"77","o":"del"}""", "7", false)]
    [InlineData("""{"k":"\u0037","o":"del"}""", "7", true)]
    [InlineData("""{"k":"Ædelweiss","o":"del"}""", "Ædelweiss", true)]
    [InlineData("""{"k":"a\"b","o":"del"}""", "a\"b", true)]
    [InlineData("""{"kh":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","o":"del"}""", "=0f1e2d3c4b5a69788796a5b4c3d2e1f0", true)]
    [InlineData("""{"kh":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","o":"del"}""", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", false)]
    public void Lines_of_wanted_keys_are_found_however_the_key_is_spelled(string line, string wanted, bool isFound)
    {
        var entry = new BlockEntry(0, 0, 0, 2, "");

        var found = Block.LinesOf(Utf8("{\"k\":\"other\",\"o\":\"del\"}\n" + line + "\n"), entry, "test", new WantedKeys([wanted])).ToList();

        found.Select(read => read.Key).ShouldBe(isFound ? [wanted] : []);
    }

    private static string AgainOf(RecordLine line, long seq)
    {
        var output = new BlockBuffer(64);
        line.WriteAgain(output, seq);
        return Encoding.UTF8.GetString(output.Written);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
