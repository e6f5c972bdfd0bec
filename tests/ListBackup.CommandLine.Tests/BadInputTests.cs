using System.Text;

namespace ListBackup.CommandLine.Tests;

/// <summary>What may be wrong with an input, a store, a key or a machine: an error that says where, an exit code that is not 0, and the snapshot before is what it was.</summary>
[Trait("Stage", "e2e")]
public sealed class BadInputTests
{
    private const string One = """{"id":1,"name":"one"}""";
    private const string Two = """{"id":2,"name":"two"}""";
    private const int Refused = 4;
    private const int Failed = 1;
    private const int UsageError = 2;

    [Theory]
    [InlineData("not json", "record 2 was refused: InvalidJson")]
    [InlineData("""{"id":2,"a":1,"a":2}""", "record 2 was refused: DuplicateMember")]
    [InlineData("""{"id":2,"in":{"a":1,"\u0061":2}}""", "record 2 was refused: DuplicateMember")]
    [InlineData("""{"id":1,"id":3}""", "record 2 was refused: DuplicateMember")]
    [InlineData("""{"name":"no key"}""", "record 2 was refused: MissingKey")]
    [InlineData("""{"id":null}""", "record 2 was refused: MissingKey")]
    [InlineData("""{"id":{"a":1}}""", "record 2 was refused: MissingKey")]
    [InlineData("""{"id":""}""", "record 2 was refused: MissingKey")]
    [InlineData("[1,2]", "record 2 was refused: NotAnObject")]
    [InlineData("""{"id":3,"cut":""", "record 2 was refused: InvalidJson")]
    [InlineData("""{"id":3""", "record 2 was refused: InvalidJson")]
    public async Task A_line_that_is_no_record_is_named_and_nothing_is_taken_for_deleted(string bad, string error)
    {
        using var line = await VaultLine.CreateAsync(One, Two);

        var ended = await line.BackUpAsync(Lines(One, bad));

        await ShouldBeIntactAsync(line, ended, Refused, error);
        (await line.RestoreAsync()).Output.ShouldBe($"{One}\n{Two}\n", "a sweep with a record whose key nobody knows does not know what is gone");
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_refused_by_their_record()
    {
        using var line = await VaultLine.CreateAsync(One, Two);

        var ended = await line.BackUpAsync([.. Lines(One), .. """{"id":3,"name":" """u8, 0xED, 0xA0, 0x80, .. "\"}\n"u8]);

        await ShouldBeIntactAsync(line, ended, Refused, "record 2 was refused: InvalidJson");
    }

    [Fact]
    public async Task A_record_that_nests_too_deeply_is_refused()
    {
        using var line = await VaultLine.CreateAsync(One, Two);

        var ended = await line.BackUpAsync(Lines(One, $$"""{"id":3,"deep":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}"""));

        await ShouldBeIntactAsync(line, ended, Refused, "record 2 was refused: TooDeep");
    }

    [Fact]
    public async Task A_record_of_50_MB_is_refused_and_a_line_without_end_stops_the_run()
    {
        using var line = await VaultLine.CreateAsync(One, Two);

        var large = await line.BackUpAsync(Lines(One, $$"""{"id":3,"text":"{{new string('x', 50_000_000)}}"}"""));
        var endless = await line.BackUpAsync(Lines(One, new string('x', 70_000_000)));

        await ShouldBeIntactAsync(line, large, Refused, "record 2 was refused: TooLarge");
        await ShouldBeIntactAsync(line, endless, Failed, "A line has more than 67108864 bytes");
    }

    [Fact]
    public async Task Another_primary_key_is_refused()
    {
        using var line = await VaultLine.CreateAsync(One, Two);

        var ended = await line.BackUpAsync(Lines(One, Two), "--primary-key", "name");

        await ShouldBeIntactAsync(line, ended, UsageError, "The primary key of stream t is /id.");
    }

    [Fact]
    public async Task Another_primary_key_that_is_meant_makes_other_records_and_the_snapshot_before_keeps_its_own()
    {
        using var line = await VaultLine.CreateAsync(One, Two);

        var ended = await line.BackUpAsync(Lines(One, Two), "--primary-key", "name", "--change-primary-key");

        ended.Output.ShouldContain("2 added, 0 changed, 2 deleted");
        (await line.RestoreAsync(1)).Output.ShouldBe($"{One}\n{Two}\n");
        (await line.RestoreAsync()).Output.ShouldBe($"{One}\n{Two}\n");
        (await line.VerifyAsync()).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Keys_of_one_group_and_keys_that_look_alike_stay_apart()
    {
        // So few records share one group; each of them collides with every other there.
        string[] records = [.. Enumerable.Range(0, 900).Select(id => $$"""{"id":"{{id}}"}"""), """{"id":"A"}""", """{"id":"a"}""", """{"id":" a"}""", """{"id":"a\u0000"}""", """{"id":"ａ"}"""];
        using var line = await VaultLine.CreateAsync(records);

        (await line.RestoreAsync()).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(records, ignoreOrder: true);
        var again = await line.BackUpAsync(Lines("""{"id":"A","other":1}"""), "--incremental");

        again.Output.ShouldContain("0 added, 1 changed, 0 deleted, 905 live");
    }

    [Fact]
    public async Task A_cut_object_is_named_with_its_offset_and_the_other_snapshot_restores()
    {
        using var line = await VaultLine.CreateAsync(One, Two);
        (await line.BackUpAsync(Lines(One, """{"id":2,"name":"changed"}"""))).Exit.ShouldBe(0);
        var segment = line.SegmentOf(2);
        await File.WriteAllBytesAsync(segment, (await File.ReadAllBytesAsync(segment, Cancellation))[..40], Cancellation);

        var restored = await line.RestoreAsync();
        var verified = await line.VerifyAsync();

        restored.Exit.ShouldBe(Failed);
        restored.Errors.ShouldMatch(@"^listbackup: Object s/s/000000000002-\S+ at byte \d+: ");
        verified.Exit.ShouldBe(Refused);
        verified.Errors.ShouldContain($"s/s/{Path.GetFileName(segment)} at byte ");
        (await line.RestoreAsync(1)).Output.ShouldBe($"{One}\n{Two}\n");
    }

    [Fact]
    public async Task Two_objects_that_are_swapped_are_named()
    {
        using var line = await VaultLine.CreateAsync(One, Two);
        (await line.BackUpAsync(Lines(One, """{"id":2,"name":"changed"}"""))).Exit.ShouldBe(0);
        var (first, second) = (line.SegmentOf(1), line.SegmentOf(2));
        File.Move(first, first + ".other");
        File.Move(second, first);
        File.Move(first + ".other", second);

        var restored = await line.RestoreAsync();
        var verified = await line.VerifyAsync();

        restored.Exit.ShouldBe(Failed);
        restored.Output.ShouldBeEmpty();
        restored.Errors.ShouldMatch(@"^listbackup: Object s/s/\S+ at byte \d+: ");
        verified.Exit.ShouldBe(Refused);
        verified.Errors.ShouldContain(Path.GetFileName(first));
        verified.Errors.ShouldContain(Path.GetFileName(second));
    }

    [Fact]
    public async Task A_key_of_another_vault_opens_nothing_and_changes_nothing()
    {
        using var line = await VaultLine.CreateAsync(One, Two);
        (await line.RunAsync("init", line.File("other"), "--key-file", line.File("other-key"))).Exit.ShouldBe(0);

        foreach (var verb in new[] { "restore", "backup" })
        {
            string[] arguments = [verb, line.Vault, "--key-file", line.File("other-key"), "--source", "s", "--stream", "t", .. verb == "backup" ? ["--primary-key", "id", "-"] : Array.Empty<string>()];
            var ended = await line.RunAsync(arguments);
            ended.Exit.ShouldBe(Failed);
            ended.Output.ShouldBeEmpty();
            ended.Errors.ShouldContain("The vault is locked with the account key");
        }

        (await line.RestoreAsync()).Output.ShouldBe($"{One}\n{Two}\n");
    }

    [Fact]
    public async Task Out_of_space_in_the_middle_is_said_and_the_run_comes_to_its_end_when_there_is_space()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "ulimit is of Unix.");
        using var line = await VaultLine.CreateAsync(One, Two);
        var random = new Random(7);
        var input = await line.WriteAsync(Lines([One, Two, .. Enumerable.Range(10, 20_000).Select(id => $$"""{"id":{{id}},"text":"{{Convert.ToHexString(Bytes(random, 100))}}"}""")]));
        var arguments = line.Arguments("backup", "--primary-key", "id", "--run", "r", input);

        // No file may be larger than 500 or 1,000 KiB, as the shell counts. The runtime's W^X needs a large file in memory, which the limit would refuse.
        var full = await line.RunLimitedAsync("export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 1000; exec \"$@\"", arguments);

        full.Exit.ShouldBe(Failed, full.Errors);
        full.Output.ShouldBeEmpty();
        full.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldStartWith("listbackup: ");
        (await line.RestoreAsync()).Output.ShouldBe($"{One}\n{Two}\n");
        (await line.RunAsync(arguments)).Output.ShouldContain("20000 added");
        (await line.VerifyAsync()).Exit.ShouldBe(0);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("s")]
    [InlineData("m")]
    [InlineData("input")]
    public async Task Killed_at_any_moment_the_snapshot_before_stands_and_the_run_can_be_repeated(string moment)
    {
        using var line = await VaultLine.CreateAsync(One, Two);
        var arguments = line.Arguments("backup", "--primary-key", "id", "--incremental", "--run", "r", "-");

        using (var process = line.Start(arguments, shell: null))
        {
            // When a file of this kind appears, it is killed; or in the middle of its input, of which it gets no end.
            using var watcher = new FileSystemWatcher(line.Vault) { IncludeSubdirectories = true, EnableRaisingEvents = true };
            watcher.Created += (_, created) => KillAt(process, created.Name!.StartsWith(moment + "/", StringComparison.Ordinal));
            watcher.Renamed += (_, renamed) => KillAt(process, renamed.Name!.StartsWith(moment + "/", StringComparison.Ordinal));
            await process.StandardInput.WriteLineAsync("""{"id":3}""".AsMemory(), Cancellation);
            await process.StandardInput.FlushAsync(Cancellation);
            KillAt(process, moment == "input");
            process.StandardInput.Close();
            await process.WaitForExitAsync(Cancellation);
        }

        (await line.RestoreAsync(1)).Output.ShouldBe($"{One}\n{Two}\n");
        (await line.VerifyAsync()).Exit.ShouldBe(0);
        (await line.BackUpAsync(Lines("""{"id":3}"""), "--incremental", "--run", "r")).Exit.ShouldBe(0);
        (await line.RestoreAsync(2)).Output.ShouldBe($"{One}\n{Two}\n{{\"id\":3}}\n");
        (await line.RunAsync("snapshots", line.Vault, "--key-file", line.KeyFile, "--source", "s", "--json")).Output.ShouldNotContain("\"seq\":3");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void KillAt(System.Diagnostics.Process process, bool isMoment)
    {
        if (!isMoment) return;
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself, which is a moment too.
        }
    }

    private static async Task ShouldBeIntactAsync(VaultLine line, Ended ended, int exit, string error)
    {
        ended.Exit.ShouldBe(exit, ended.Errors);
        ended.Errors.ShouldContain(error);
        ended.Errors.ShouldNotContain("   at ", customMessage: "no stack traces");
        (await line.RestoreAsync(1)).Output.ShouldBe($"{One}\n{Two}\n");
        (await line.VerifyAsync()).Exit.ShouldBe(0);
    }

    private static byte[] Lines(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
