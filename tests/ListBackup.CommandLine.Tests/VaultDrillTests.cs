using System.Text;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine.Tests;

/// <summary>What vault drill prints and how it ends, as a program sees it.</summary>
[Trait("Stage", "e2e")]
public sealed class VaultDrillTests
{
    private const string Ada = """{"id":1,"name":"Ada Lovelace"}""";
    private const string Zoe = """{"id":2,"name":"Zoë"}""";
    private const string Old = """{"id":3,"name":"Old"}""";

    [Fact]
    public async Task A_drill_restores_what_its_seed_chooses_and_keeps_a_signed_report()
    {
        using var line = await VaultLine.CreateAsync(Ada, Zoe, Old);
        (await line.BackUpAsync(Utf8(Ada, Zoe))).Exit.ShouldBe(0);
        var report = line.File("report.json");

        var drills = new List<JsonNode>();
        for (var seed = 0; seed < 8; seed++) drills.Add(await DrillAsync(line, $"{seed}"));
        var again = await DrillAsync(line, "5");
        var text = await line.RunAsync("drill", line.Vault, "--key-file", line.KeyFile, "--source", "s", "--seed", "5", "--report", report);

        drills.Select(drill => (long)drill["seq"]!).Distinct().Order().ShouldBe([1L, 2L]);
        drills.ShouldAllBe(drill => (bool)drill["isRestored"]! && (long)drill["records"]! == ((long)drill["seq"]! == 1 ? 3 : 2));
        drills.ShouldAllBe(drill => (long)drill["bytesReadBack"]! == Encoding.UTF8.GetByteCount((long)drill["seq"]! == 1 ? Ada + Zoe + Old : Ada + Zoe));
        again.ToJsonString().ShouldBe(drills[5].ToJsonString());
        (text.Exit, text.Errors).ShouldBe((0, ""));
        text.Output.ShouldStartWith($"Seed 5: stream t of source s, snapshot {drills[5]["seq"]}, came back: ");
        var lines = await File.ReadAllLinesAsync(report, TestContext.Current.CancellationToken);
        JsonNode.Parse(lines[0])!["drill"]!["stateRoot"]!.ToString().ShouldBe(drills[5]["stateRoot"]!.ToString());
        JsonNode.Parse(lines[1])!["signature"].ShouldNotBeNull();
        Directory.GetFiles(Path.Combine(line.Vault, "v")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_snapshot_that_does_not_come_back_ends_a_drill_with_4_and_the_object_that_is_damaged()
    {
        using var line = await VaultLine.CreateAsync(Ada, Zoe);
        var segment = line.SegmentOf(1);
        var bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);

        var drill = await line.RunAsync("drill", line.Vault, "--key-file", line.KeyFile, "--seed", "1", "--json");
        var unknown = await line.RunAsync("drill", line.Vault, "--key-file", line.KeyFile, "--source", "nobody");

        drill.Exit.ShouldBe(4);
        drill.Errors.ShouldContain($"s/s/{Path.GetFileName(segment)}");
        var told = JsonNode.Parse(drill.Output)!;
        ((bool)told["isRestored"]!, (long)told["live"]!, told["restoredRoot"]).ShouldBe((false, 2, null));
        (drill.Output + drill.Errors).ShouldNotContain("Ada");
        unknown.Exit.ShouldBe(1);
        unknown.Errors.ShouldContain("nobody");
    }

    private static async Task<JsonNode> DrillAsync(VaultLine line, string seed)
    {
        var ended = await line.RunAsync("drill", line.Vault, "--key-file", line.KeyFile, "--seed", seed, "--json");
        ended.Exit.ShouldBe(0, ended.Errors);
        return JsonNode.Parse(ended.Output)!;
    }

    private static byte[] Utf8(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(text => text + "\n")));
}
