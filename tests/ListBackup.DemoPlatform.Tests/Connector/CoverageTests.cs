using ListBackup.Demo.Faults;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Demo.Tests.Connector;

/// <summary>Platform → engine → vault: what a platform does wrong must cost the green light, never pass unseen.</summary>
public sealed class CoverageTests
{
    private const string Contacts = "/api/v1/contacts";

    [Fact]
    public async Task A_clean_read_is_proven()
    {
        await using var client = await DemoClient.StartAsync(options => options with { Contacts = 1_200 });

        var coverage = await BackUpAsync(client);

        coverage.Level.ShouldBe(CoverageLevel.Proven, coverage.Reason);
        coverage.Arrived.ShouldBe(1_200);
    }

    [Fact]
    public async Task A_page_that_comes_twice_in_place_of_another_is_partial()
    {
        await using var client = await DemoClient.StartAsync(options => options with { Contacts = 1_200 });
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.RepeatPage, Path = Contacts, Skip = 2 });

        var coverage = await BackUpAsync(client);

        client.Demo.Faults.Left.ShouldBe(0);
        coverage.Level.ShouldBe(CoverageLevel.Partial);
        coverage.Arrived.ShouldBeLessThan(1_200);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public async Task A_total_that_does_not_agree_is_not_proven(int shift)
    {
        await using var client = await DemoClient.StartAsync();
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.ShiftTotal, Path = Contacts, Count = Fault.CountMax, TotalShift = shift });

        var coverage = await BackUpAsync(client);

        coverage.Level.ShouldNotBe(CoverageLevel.Proven);
    }

    [Fact]
    public async Task A_platform_that_caps_pages_below_what_the_manifest_asks_for_is_read_whole_and_proven()
    {
        await using var client = await DemoClient.StartAsync(options => options with { PageSizeMax = 50 });

        var coverage = await BackUpAsync(client);

        coverage.Arrived.ShouldBe(300);
        coverage.Level.ShouldBe(CoverageLevel.Proven, coverage.Reason);
    }

    [Fact]
    public async Task A_contact_that_disappears_between_two_backups_is_a_deletion_and_browsing_is_nothing()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var vault = await VaultUnderTest.CreateAsync();
        var first = await vault.BackUpAsync(connector, "contacts");

        client.Demo.Browse(1_000);
        var browsed = await vault.BackUpAsync(connector, "contacts");
        client.Demo.DeleteContacts(12);
        var deleted = await vault.BackUpAsync(connector, "contacts");

        browsed.Streams[0].StateRoot.ShouldBe(first.Streams[0].StateRoot);
        (await vault.DiffAsync(first, deleted, "contacts")).Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(12);
    }

    private static async Task<Coverage> BackUpAsync(DemoClient client)
    {
        using var connector = ReadingTests.Connect(client);
        var vault = await VaultUnderTest.CreateAsync();
        return (await vault.BackUpAsync(connector, "contacts")).Streams.Single().Coverage;
    }
}
