using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Expressions;

public class ExpressionVectorTests
{
    /// <summary>The clock that the vectors were made under.</summary>
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2025, 3, 15, 12, 34, 56, 789, TimeSpan.Zero));

    [Fact]
    public void Every_vector_of_the_public_implementation_has_its_value()
    {
        var different = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(ReferenceData.Path("expressions.jsonl")))
        {
            count++;
            using var vector = JsonDocument.Parse(line);
            if (Difference(vector.RootElement) is { } difference)
                different.Add(difference);
        }

        count.ShouldBeGreaterThan(4000);
        different.Count.ShouldBe(0, $"of {count} vectors differ:\n{string.Join('\n', different.Take(20))}");
    }

    private static string? Difference(JsonElement vector)
    {
        var template = vector.GetProperty("template").GetString()!;
        var expected = vector.TryGetProperty("error", out var error) ? $"error {error}" : Canonical(vector.GetProperty("result"));
        var actual = Evaluate(template, vector);
        if (actual == expected || (actual.StartsWith("error", StringComparison.Ordinal) && expected.StartsWith("error", StringComparison.Ordinal)))
            return null;

        return $"{template} with {vector.GetProperty("config")} {vector.GetProperty("context")}\n  expected {expected}\n  actual   {actual}";
    }

    private static string Evaluate(string template, JsonElement vector)
    {
        var context = new ExpressionContext(Clock).Set(Variable.Config, ValueJson.FromElement(vector.GetProperty("config")));
        foreach (var variable in vector.GetProperty("context").EnumerateObject())
            {
            if (Variables.Find(variable.Name) is { } known)
                context.Set(known, ValueJson.FromElement(variable.Value));
        }

        try
        {
            using var document = JsonDocument.Parse(ValueJson.ToBytes(Template.Parse(template).Evaluate(context)));

            return Canonical(document.RootElement);
        }
        catch (ExpressionException exception)
        {
            return "error " + exception.Message;
        }
    }

    private static string Canonical(JsonElement element)
    {
        var text = new StringBuilder();
        Append(element, text);

        return text.ToString();
    }

    private static void Append(JsonElement element, StringBuilder text)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    text.Append(JsonSerializer.Serialize(member.Name)).Append(':');
                    Append(member.Value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in element.EnumerateArray())
                {
                    Append(item, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                text.Append(JsonSerializer.Serialize(element.GetString()));
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }
}
