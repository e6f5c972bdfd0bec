using System.Text.RegularExpressions;

namespace ListBackup.Tidy.Tests.Functions;

/// <summary>The class that handles an event and the template that deploys it say the same, so that reading either is enough.</summary>
public sealed partial class FunctionsTests
{
    public static TheoryData<string> Projects => [.. AnnotatedFunction.All.Select(function => function.Project)];

    [Fact]
    public void Every_function_project_is_deployed_and_nothing_else_is()
    {
        var written = AnnotatedFunction.All.Select(function => $"{function.Service}/{function.ResourceName}");
        var deployed = Deployment.Functions.Select(function => $"{function.Service}/{function.Name}");

        deployed.ShouldBe(written, ignoreOrder: true, "each folder below services/*/functions is one entry in its service's serverless.yml, under the name that [LambdaFunction] gives");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_function_is_called_by_one_name_and_deployed_as_its_attributes_say(string project)
    {
        var (written, deployed) = Of(project);

        written.ResourceName.ShouldBe(char.ToLowerInvariant(written.Folder[0]) + written.Folder[1..], "folder, project, attribute and serverless.yml carry one name: one search finds all");
        deployed.Handler.ShouldBe("bootstrap");
        deployed.Artifact.ShouldEndWith($"/{project}.zip");
        deployed.MemorySize.ShouldBe(written.MemorySize);
        deployed.Timeout.ShouldBe(written.Timeout);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_function_is_started_by_the_event_that_its_attribute_names(string project)
    {
        var (written, deployed) = Of(project);

        switch (written.EventKind)
        {
            case "HttpApiAttribute":
                deployed.Events.ShouldAllBe(started => started.Kind == "httpApi");
                deployed.Events.ShouldNotBeEmpty();
                break;
            case "SQSEventAttribute":
                var queue = deployed.Events.ShouldHaveSingleItem();
                queue.Kind.ShouldBe("sqs");
                QueueOf(queue.Values["arn"]).ShouldBe(written.Event["queue"].TrimStart('@'));
                queue.Values["batchSize"].ShouldBe(written.Event["BatchSize"]);
                queue.Values.GetValueOrDefault("maximumConcurrency").ShouldBe(written.Event.GetValueOrDefault("MaximumConcurrency"));
                queue.Values["functionResponseType"].ShouldBe("ReportBatchItemFailures", "without it a batch with one bad message counts as done, and the message is lost");
                break;
            case "ScheduleEventAttribute":
                var schedule = deployed.Events.ShouldHaveSingleItem();
                schedule.Kind.ShouldBe("schedule");
                schedule.Values[""].ShouldBe(written.Event["schedule"]);
                break;
            default:
                throw new InvalidOperationException($"{project} has an event that this test does not know: {written.EventKind}.");
        }
    }

    [Fact]
    public void A_queue_hides_a_message_for_six_times_as_long_as_its_function_may_run()
    {
        var resources = (YamlDotNet.RepresentationModel.YamlMappingNode)Deployment.Load("infrastructure/core/serverless.yml")["resources"]["Resources"];

        foreach (var worker in AnnotatedFunction.All.Where(function => function.EventKind == "SQSEventAttribute"))
        {
            var visibility = int.Parse(resources[worker.Event["queue"].TrimStart('@')]["Properties"]["VisibilityTimeout"].ToString());
            visibility.ShouldBeGreaterThanOrEqualTo(6 * worker.Timeout, $"{worker.Event["queue"]}: otherwise SQS delivers a message again while {worker.ResourceName} still works on it");
        }
    }

    private static (AnnotatedFunction Written, DeployedFunction Deployed) Of(string project)
    {
        var written = AnnotatedFunction.All.Single(function => function.Project == project);
        return (written, Deployment.Functions.Single(function => function.Service == written.Service && function.Name == written.ResourceName));
    }

    // listbackup-${sls:stage}-plan-queue-arn → PlanQueue
    private static string QueueOf(string export)
    {
        var name = ExportedQueue().Match(export).Groups["name"].Value;
        return $"{char.ToUpperInvariant(name[0])}{name[1..]}Queue";
    }

    [GeneratedRegex("-(?<name>[a-z]+)-queue-arn$", RegexOptions.ExplicitCapture)]
    private static partial Regex ExportedQueue();
}
