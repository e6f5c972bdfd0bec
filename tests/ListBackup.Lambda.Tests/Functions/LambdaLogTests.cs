using System.Text;
using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.Extensions.Logging;
using Activity = System.Diagnostics.Activity;

namespace ListBackup.Lambda.Tests.Functions;

public sealed class LambdaLogTests
{
    [Fact]
    public void A_line_is_one_JSON_object_with_its_values_by_name()
    {
        var output = new MemoryStream();
        using var provider = new LambdaLog.Provider(output);

        provider.CreateLogger("ListBackup.Test").LogError(new InvalidOperationException("first\nsecond"), "Run {RunId} stopped at page {Page}", "run_1", 12);

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n');
        lines.Length.ShouldBe(2, "one line and the end of it, whatever the exception's text");
        var line = JsonDocument.Parse(lines[0]).RootElement;
        line.GetProperty("level").GetString().ShouldBe("Error");
        line.GetProperty("category").GetString().ShouldBe("ListBackup.Test");
        line.GetProperty("message").GetString().ShouldBe("Run run_1 stopped at page 12");
        line.GetProperty("RunId").GetString().ShouldBe("run_1");
        line.GetProperty("exception").GetString().ShouldNotBeNull().ShouldContain("first\nsecond");
    }

    [Fact]
    public void A_line_says_what_it_belongs_to_the_message_under_way_and_its_trace()
    {
        var output = new MemoryStream();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(new LambdaLog.Provider(output)));
        var logger = factory.CreateLogger("ListBackup.Test");
        using var trace = new Activity("work").Start();

        using (logger.BeginScope(CorrelationIds.Of("sync", "m1", """{"accountId":"acc_1","runId":"run_1","cursor":"secret"}""")))
            logger.LogWarning("Stopped");

        var line = JsonDocument.Parse(output.ToArray()).RootElement;
        (string Name, string Value)[] expected = [("queue", "sync"), ("messageId", "m1"), ("accountId", "acc_1"), ("runId", "run_1"), ("traceId", trace.TraceId.ToString()), ("spanId", trace.SpanId.ToString())];
        foreach (var (name, value) in expected) line.GetProperty(name).GetString().ShouldBe(value);
        line.TryGetProperty("cursor", out _).ShouldBeFalse();
    }
}
