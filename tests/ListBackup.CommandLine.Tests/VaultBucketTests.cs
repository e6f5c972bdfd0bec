using System.Diagnostics;
using ListBackup.Testing;

namespace ListBackup.CommandLine.Tests;

/// <summary>The same commands on a bucket, with nothing but the environment to say where it is.</summary>
[Trait("Stage", "aws")]
public sealed class VaultBucketTests
{
    private const string Ada = """{"id":1,"name":"Ada"}""";

    [Fact]
    public async Task A_vault_in_a_bucket_is_made_filled_searched_verified_and_restored()
    {
        await using var moto = await MotoServer.TryStartAsync();
        if (moto is null) Assert.Skip("No moto_server on this machine: the command line was not tried on a bucket.");
        using var folder = new TempFolder();
        var (key, input) = (folder.File("key"), folder.File("input.ndjson"));
        await File.WriteAllTextAsync(input, $"{Ada}\n", TestContext.Current.CancellationToken);

        (await RunAsync(moto, "init", "s3://acme-backups", "--key-file", key)).Exit.ShouldBe(0);
        (await RunAsync(moto, "backup", "s3://acme-backups", "--key-file", key, "--source", "s", "--stream", "t", "--primary-key", "id", input)).Exit.ShouldBe(0);
        var restored = await RunAsync(moto, "restore", "s3://acme-backups", "--key-file", key, "--source", "s", "--stream", "t", "--traffic");
        var found = await RunAsync(moto, "search", "s3://acme-backups", "--key-file", key, "--source", "s", "--stream", "t", "ada");
        var verified = await RunAsync(moto, "verify", "s3://acme-backups", "--key-file", key);

        (restored.Exit, restored.Output).ShouldBe((0, $"{Ada}\n"), restored.Errors);
        restored.Errors.ShouldContain("\"requests\":");
        found.Output.ShouldBe($"{Ada}\n", found.Errors);
        verified.Exit.ShouldBe(0, verified.Errors);
        (await RunAsync(moto, "stats", "s3://not/a/bucket", "--key-file", key)).Errors.ShouldContain("names no bucket");
        (await RunAsync(moto, "stats", "s3://empty-bucket", "--key-file", key)).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_one_line_and_an_exit_code()
    {
        using var folder = new TempFolder();
        var key = folder.File("key");
        await File.WriteAllTextAsync(key, $"listbackup-account-key k {new string('a', 64)}\n", TestContext.Current.CancellationToken);

        var ended = await RunAsync("http://127.0.0.1:1", "stats", "s3://acme-backups", "--key-file", key);

        ended.Exit.ShouldBe(1);
        ended.Errors.ShouldStartWith("listbackup: S3 did not");
        ended.Errors.TrimEnd().ShouldNotContain('\n');
    }

    private static Task<Ended> RunAsync(MotoServer moto, params string[] arguments) => RunAsync(moto.Url, arguments);

    private static Task<Ended> RunAsync(string endpoint, params string[] arguments)
    {
        var start = new ProcessStartInfo(BuildOutput.Program("ListBackup.CommandLine", "listbackup"), ["vault", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["AWS_ENDPOINT_URL"], start.Environment["AWS_REGION"]) = (endpoint, MotoServer.Region);
        (start.Environment["AWS_ACCESS_KEY_ID"], start.Environment["AWS_SECRET_ACCESS_KEY"]) = ("test", "test");
        return VaultLine.EndAsync(Process.Start(start)!); // Not shell execute: there is a process, or an exception.
    }
}
