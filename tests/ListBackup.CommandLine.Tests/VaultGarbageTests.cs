using System.Text;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine.Tests;

/// <summary>vault gc --attachments as a program sees it.</summary>
[Trait("Stage", "e2e")]
public sealed class VaultGarbageTests
{
    [Fact]
    public async Task Files_that_no_record_names_go_in_two_steps_and_what_a_record_names_stays()
    {
        using var line = await VaultLine.CreateAsync();
        var folder = Directory.CreateDirectory(line.File("files")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), "first", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "b.txt"), "second", TestContext.Current.CancellationToken);
        string[] files = ["--attachments", folder, "--attachment-field", "file"];
        (await line.BackUpAsync("""{"id":1,"file":"a.txt"}"""u8.ToArray(), files)).Exit.ShouldBe(0);
        // A run that ends at a record whose file is missing has stored what came before.
        (await line.BackUpAsync(Encoding.UTF8.GetBytes("""{"id":2,"file":"b.txt"}""" + "\n" + """{"id":3,"file":"c.txt"}"""), files)).Exit.ShouldBe(1);

        var dry = await GcAsync(line);
        var planned = await GcAsync(line, "--yes", "--json");
        var deleted = await GcAsync(line, "--yes");
        var nothing = await GcAsync(line);

        dry.Output.ShouldBe("1 files are garbage; --yes plans their deletion.\n", dry.Errors);
        ((long)JsonNode.Parse(planned.Output)!["planSeq"]!, JsonNode.Parse(planned.Output)!["planned"]!.AsArray().Count).ShouldBe((1, 1));
        deleted.Output.ShouldBe("1 files were deleted, 0 are locked or needed after all. No file is garbage.\n", deleted.Errors);
        nothing.Output.ShouldBe("No file is garbage.\n");
        (await line.RunAsync(line.Arguments("attachment", "1", "file"))).Output.ShouldBe("first");
        (await line.VerifyAsync()).Exit.ShouldBe(0);
        (await line.RunAsync("gc", line.Vault, "--key-file", line.KeyFile)).Exit.ShouldBe(2);
        (await line.RunAsync("gc", line.Vault, "--key-file", line.KeyFile, "--source", "s", "--attachments")).Exit.ShouldBe(2);
    }

    private static Task<Ended> GcAsync(VaultLine line, params string[] options) => line.RunAsync(["gc", line.Vault, "--key-file", line.KeyFile, "--attachments", "--grace-hours", "0", .. options]);
}
