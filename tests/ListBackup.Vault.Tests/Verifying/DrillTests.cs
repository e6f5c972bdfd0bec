using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Testing;
using ListBackup.Vault.Tests.Golden;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Verifying;

public sealed class DrillTests
{
    private const int Seeds = 60;

    [Fact]
    public async Task Everything_that_is_kept_comes_back_and_every_stream_has_its_turn()
    {
        var clock = EverythingVault.NewClock();
        var vault = await EverythingVault.CreateAsync(new MemoryObjects(clock), TestKeys, recoveryPublicKeyPem: null, clock, Cancellation);
        var (drilled, files, redacted) = (new HashSet<(string, string)>(), 0L, 0L);

        for (var seed = 0; seed < Seeds; seed++)
        {
            var report = await vault.DrillAsync(new DrillRequest { Seed = seed }, Cancellation);

            report.IsRestored.ShouldBeTrue($"seed {seed}: {report.Problem}");
            report.Live.ShouldBeGreaterThan(0);
            report.Seed.ShouldBe(seed);
            drilled.Add((report.Source, report.Stream));
            (files, redacted) = (files + report.Attachments, redacted + report.Redacted);
        }

        drilled.Count.ShouldBe(3, "every source's stream");
        files.ShouldBeGreaterThan(0);
        redacted.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_same_seed_chooses_the_same_and_the_bytes_are_those_of_the_records()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2,"name":"ü"}""");
        await vault.BackUpAsync(ReadMode.Incremental, """{"id":3}""");

        for (var seed = 0; seed < 10; seed++)
        {
            var report = await vault.Vault.DrillAsync(new DrillRequest { Source = Source, Seed = seed }, Cancellation);

            (await vault.Vault.DrillAsync(new DrillRequest { Seed = seed }, Cancellation)).ShouldBe(report);
            var records = await vault.RestoreAsync(report.Seq);
            (report.Records, report.Bytes, report.BytesReadBack).ShouldBe((records.Count, records.Sum(Encoding.UTF8.GetByteCount), report.Bytes));
        }

        (await vault.Vault.DrillAsync(new DrillRequest(), Cancellation)).IsRestored.ShouldBeTrue();
    }

    [Fact]
    public async Task Damage_is_the_drills_result()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");
        var segment = objects.Contents.Keys.Single(name => name.StartsWith("s/", StringComparison.Ordinal));

        objects.Contents[segment][12] ^= 1;
        var damaged = await vault.Vault.DrillAsync(new DrillRequest { Seed = 1 }, Cancellation);
        await objects.DeleteAsync(segment, Cancellation);
        var gone = await vault.Vault.DrillAsync(new DrillRequest { Seed = 1 }, Cancellation);

        (damaged.IsRestored, damaged.RestoredRoot).ShouldBe((false, null));
        damaged.Problem.ShouldNotBeNull().ShouldContain(segment);
        gone.IsRestored.ShouldBeFalse();
        gone.Problem.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_outage_is_no_result()
    {
        var objects = new FaultyObjects(new MemoryObjects());
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        objects.OnRequest = (_, text) => text.Contains("s/", StringComparison.Ordinal) && text.Contains(".seg", StringComparison.Ordinal) ? throw new ObjectStoreUnavailableException("The store is out of reach.") : Task.CompletedTask;

        await Should.ThrowAsync<ObjectStoreUnavailableException>(() => vault.Vault.DrillAsync(new DrillRequest(), Cancellation));
    }

    [Fact]
    public async Task Nothing_is_left_in_scratch()
    {
        using var folder = new TempFolder();
        var spill = folder.File("spill");
        var vault = await CreateAsync(options: new VaultOptions { SpillFolder = spill });
        await vault.BackUpAsync(ReadMode.FullSweep, [.. Enumerable.Range(0, 3_000).Select(id => $$"""{"id":{{id}},"text":"{{new string('x', 200)}}"}""")]);

        (await vault.Vault.DrillAsync(new DrillRequest(), Cancellation)).ShouldSatisfyAllConditions(report => report.IsRestored.ShouldBeTrue(), report => report.Records.ShouldBe(3_000));

        Directory.EnumerateFileSystemEntries(spill).ShouldBeEmpty();
    }

    [Fact]
    public async Task Its_report_is_signed_stored_and_logged_like_a_verifications()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        var size = (await vault.Vault.PublishLogAsync(Cancellation)).Size;

        var stored = await vault.Vault.SignReportAsync(await vault.Vault.DrillAsync(new DrillRequest { Seed = 7 }, Cancellation), Cancellation);

        stored.Object.ShouldStartWith("v/");
        var drill = JsonNode.Parse(Encoding.UTF8.GetString(objects.Contents[stored.Object]).Split('\n')[0])!["drill"]!;
        ((int)drill["seed"]!, (bool)drill["isRestored"]!).ShouldBe((7, true));
        (await vault.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(size + 1);
        await vault.ShouldBeSoundAsync();
        objects.Contents[stored.Object][30] ^= 1;
        (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldHaveSingleItem().Object.ShouldBe(stored.Object);
    }

    [Fact]
    public async Task An_empty_vault_has_nothing_to_try() =>
        await Should.ThrowAsync<VaultNotFoundException>(async () => await (await CreateAsync()).Vault.DrillAsync(new DrillRequest(), Cancellation));
}
