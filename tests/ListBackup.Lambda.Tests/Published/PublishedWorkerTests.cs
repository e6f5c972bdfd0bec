using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ListBackup.Domain;
using ListBackup.Sources;

namespace ListBackup.Lambda.Tests.Published;

[Trait("Stage", "aot")]
public sealed partial class PublishedWorkerTests(Emulator emulator) : IClassFixture<Emulator>
{
    private const string Planner = "ListBackup.Sources.SyncPlanner";

    // Of Amazon Linux 2023, which provided.al2023 is.
    private static readonly Version GlibcMax = new(2, 34);

    [Fact]
    public async Task Of_a_batch_with_one_bad_message_only_that_one_comes_again()
    {
        _ = emulator.Items; // skipped without an emulator
        await using var api = await FakeRuntimeApi.StartAsync();
        await using var planner = PublishedFunction.Start(Planner, api, emulator.Url);
        // Its run was deleted since it was asked for, so it is done with at once.
        var gone = new PlanMessage(AccountId.New(TimeProvider.System), SourceId.New(TimeProvider.System), RunId.New(TimeProvider.System));

        var answer = await api.InvokeAsync(JsonSerializer.Serialize(new
        {
            Records = new[] { Message("good", JsonSerializer.Serialize(gone, SourceItemsJson.Default.PlanMessage)), Message("bad", "{\"accountId\":17}") },
        }));

        answer.Error.ShouldBeNull(planner.Output);
        answer.Body.ShouldBe("""{"batchItemFailures":[{"itemIdentifier":"bad"}]}""", planner.Output);
    }

    [Fact]
    public async Task Without_its_settings_it_says_at_its_start_what_is_missing()
    {
        await using var api = await FakeRuntimeApi.StartAsync();
        await using var planner = Testing.ChildProcess.Start(
            PublishedFunction.Program(Planner), [], _ => false,
            new Dictionary<string, string?> { ["AWS_LAMBDA_RUNTIME_API"] = api.Address, ["LISTBACKUP_NAME_PREFIX"] = null });

        var report = await api.InitError.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        report.Body.ShouldContain("LISTBACKUP_NAME_PREFIX is not set");
        (await planner.WaitForExitAsync(TimeSpan.FromSeconds(20))).ShouldNotBe(0);
    }

    [Theory]
    [InlineData(Planner)]
    [InlineData("ListBackup.Sources.Api")]
    public async Task It_runs_on_the_C_library_that_Lambda_has(string project)
    {
        var program = PublishedFunction.Program(project);
        using var objdump = Process.Start(new ProcessStartInfo("objdump", ["-T", program]) { RedirectStandardOutput = true, UseShellExecute = false }).ShouldNotBeNull();
        var symbols = await objdump.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        var newest = Glibc().Matches(symbols).Select(match => Version.Parse(match.Groups["version"].Value)).Max().ShouldNotBeNull();

        newest.ShouldBeLessThanOrEqualTo(GlibcMax);
    }

    private static object Message(string id, string body) => new
    {
        messageId = id,
        receiptHandle = id,
        body,
        attributes = new Dictionary<string, string> { ["ApproximateReceiveCount"] = "1" },
        messageAttributes = new { },
        md5OfBody = "",
        eventSource = "aws:sqs",
        eventSourceARN = "arn:aws:sqs:eu-central-1:123456789012:test-plan",
        awsRegion = "eu-central-1",
    };

    [GeneratedRegex(@"GLIBC_(?<version>\d+\.\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Glibc();
}
