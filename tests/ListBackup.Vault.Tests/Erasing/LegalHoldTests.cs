using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.Erasing.ErasureTests;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Erasing;

public sealed class LegalHoldTests
{
    private const string Ada = "ada@example.org";

    [Theory]
    [InlineData(LegalHoldScope.Vault)]
    [InlineData(LegalHoldScope.Source)]
    [InlineData(LegalHoldScope.Stream)]
    [InlineData(LegalHoldScope.Record)]
    [InlineData(LegalHoldScope.Person)]
    public async Task A_hold_forbids_the_erasure_by_its_name_until_it_is_released(LegalHoldScope scope)
    {
        var vault = await StartAsync();
        await vault.Vault.PlaceLegalHoldAsync(HoldOn(scope), Cancellation);
        await vault.ReopenAsync();

        (await Should.ThrowAsync<LegalHoldException>(() => vault.Vault.EraseAsync(Request(), Cancellation))).Hold.ShouldBe("case 7");
        (await vault.Vault.PlanErasureAsync(Request(), Cancellation)).Holds.ShouldHaveSingleItem().Name.ShouldBe("case 7");
        var hold = (await vault.Vault.ListLegalHoldsAsync(Cancellation)).ShouldHaveSingleItem();
        (hold.Scope, hold.By, hold.Why).ShouldBe((scope, "the court", "evidence"));
        (await vault.RestoreAsync()).Count.ShouldBe(2);

        (await vault.Vault.ReleaseLegalHoldAsync("case 7", "the court", "closed", Cancellation)).ShouldBeTrue();
        (await vault.Vault.ReleaseLegalHoldAsync("case 7", "the court", "closed", Cancellation)).ShouldBeFalse();
        await vault.Vault.EraseAsync(Request(), Cancellation);
        (await vault.RestoreAsync()).Count.ShouldBe(1);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_hold_on_others_forbids_nothing()
    {
        var vault = await StartAsync();
        await vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Record) with { Key = "2" }, Cancellation);
        await vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Person) with { Name = "b", Identifier = "eva@example.org" }, Cancellation);
        await vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Source) with { Name = "c", Source = "src_2" }, Cancellation);

        await vault.Vault.EraseAsync(Request(), Cancellation);

        (await vault.RestoreAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_hold_ends_by_itself_at_its_time()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var vault = await StartAsync(new VaultOptions { Clock = clock });
        await vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Source) with { Until = DateTimeOffset.UnixEpoch.AddDays(1) }, Cancellation);
        await Should.ThrowAsync<LegalHoldException>(() => vault.Vault.EraseAsync(Request(), Cancellation));

        clock.Advance(TimeSpan.FromDays(1));

        (await vault.Vault.ListLegalHoldsAsync(Cancellation)).ShouldBeEmpty();
        await vault.Vault.EraseAsync(Request(), Cancellation);
    }

    [Fact]
    public async Task A_hold_does_not_stop_an_erasure_that_has_begun()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        var faulty = new FaultyObjects(objects);
        faulty.OnRequest = (number, text) =>
        {
            if (text == "put m/src_1/000000000002.json") faulty.FailAt(number, FaultTime.BeforeEffect);
            return Task.CompletedTask;
        };
        var broken = await BackupVault.OpenAsync(faulty, TestKeys, new VaultOptions(), Cancellation);
        await Should.ThrowAsync<ObjectStoreUnavailableException>(() => broken.EraseAsync(Request(), Cancellation));
        (await vault.Vault.ListUnfinishedErasuresAsync(Cancellation)).ShouldBe(["request-1"]);

        await vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Source), Cancellation);
        await vault.Vault.EraseAsync(Request(), Cancellation);

        (await vault.Vault.ListUnfinishedErasuresAsync(Cancellation)).ShouldBeEmpty();
        (await vault.RestoreAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_hold_that_names_half_of_a_place_is_refused()
    {
        var vault = await StartAsync();

        await Should.ThrowAsync<ArgumentException>(() => vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Record) with { Stream = null }, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Stream) with { Source = null }, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => vault.Vault.PlaceLegalHoldAsync(HoldOn(LegalHoldScope.Vault) with { Name = "" }, Cancellation));
    }

    private static async Task<VaultFixture> StartAsync(VaultOptions? options = null)
    {
        var vault = await CreateAsync(options: options);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        return vault;
    }

    private static ErasureRequest Request() => RequestFor(Ada) with { Identifiers = ["Ada@Example.Org"] };

    private static LegalHold HoldOn(LegalHoldScope scope) => new()
    {
        Name = "case 7",
        By = "the court",
        Why = "evidence",
        Source = scope is LegalHoldScope.Source or LegalHoldScope.Stream or LegalHoldScope.Record ? Source : null,
        Stream = scope is LegalHoldScope.Stream or LegalHoldScope.Record ? Contacts : null,
        Key = scope is LegalHoldScope.Record ? Ada : null,
        Identifier = scope is LegalHoldScope.Person ? Ada : null,
    };
}
