using ListBackup.Testing;

namespace ListBackup.Lambda.Tests.Published;

/// <summary>A function compiled ahead of time, as a process on the fake Runtime API and on an emulator of AWS where there is one.</summary>
internal static class PublishedFunction
{
    public static string Program(string project) =>
        Path.Combine(BuildOutput.Root, "artifacts/functions", project, "bootstrap") is var program && File.Exists(program) ? program
        : throw new FileNotFoundException($"{project} is not published. Run scripts/lib/prepare-aot first, as scripts/test does.");

    public static ChildProcess Start(string project, FakeRuntimeApi api, string? awsEndpoint) => ChildProcess.Start(
        Program(project),
        [],
        _ => false,
        new Dictionary<string, string?>
        {
            ["AWS_LAMBDA_RUNTIME_API"] = api.Address,
            ["AWS_LAMBDA_FUNCTION_NAME"] = project,
            // Without an emulator nothing listens there: what needs AWS must not reach it by accident.
            ["AWS_ENDPOINT_URL"] = awsEndpoint ?? "http://127.0.0.1:9",
            ["AWS_REGION"] = MotoServer.Region,
            ["AWS_ACCESS_KEY_ID"] = "test",
            ["AWS_SECRET_ACCESS_KEY"] = "test",
            ["LISTBACKUP_NAME_PREFIX"] = "test-",
            ["LISTBACKUP_BUCKET_PREFIX"] = "test-bucket-",
            ["LISTBACKUP_QUEUE_URL_PREFIX"] = $"{awsEndpoint}/123456789012/test-",
            ["LISTBACKUP_KMS_KEY"] = "alias/test",
            ["LISTBACKUP_PUBLIC_URL"] = "https://example.com",
        });
}
