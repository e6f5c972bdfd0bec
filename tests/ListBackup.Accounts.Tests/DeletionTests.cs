using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Accounts.Tests;

public class DeletionTests
{
    [Fact]
    public async Task A_deleted_account_is_closed_with_all_below_it_and_comes_back_whole()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var client = await ada.ChildAsync(ada.Home);
        var below = await ada.ChildAsync(client);
        var gone = await ada.ChildAsync(client);
        (await ada.DeleteAsync($"/accounts/{gone}")).ShouldBe(HttpStatusCode.OK);
        api.Clock.Advance(TimeSpan.FromSeconds(1));

        (await ada.DeleteAsync($"/accounts/{client}")).ShouldBe(HttpStatusCode.OK).Json["shreddedAt"].ShouldNotBeNull();

        foreach (var id in new[] { client, below })
        {
            (await ada.PatchAsync($"/accounts/{id}", new { name = "x" })).ShouldBe(HttpStatusCode.Conflict, "account-deleted");
            (await ada.PostAsync($"/accounts/{id}/children", new { name = "x" })).ShouldBe(HttpStatusCode.Conflict, "account-deleted");
            (await ada.GetAsync($"/accounts/{id}")).ShouldBe(HttpStatusCode.OK);
        }
        (await ada.PostAsync($"/accounts/{below}/undelete")).ShouldBe(HttpStatusCode.Conflict, "deleted-with-parent");
        (await ada.PostAsync($"/accounts/{gone}/undelete")).ShouldBe(HttpStatusCode.Conflict, "deleted-with-parent");
        (await ada.PostAsync($"/accounts/{client}/undelete")).ShouldBe(HttpStatusCode.OK);
        (await ada.PatchAsync($"/accounts/{below}", new { name = "x" })).ShouldBe(HttpStatusCode.OK);
        (await ada.PatchAsync($"/accounts/{gone}", new { name = "x" })).ShouldBe(HttpStatusCode.Conflict, "account-deleted");
        (await ada.PostAsync($"/accounts/{client}/undelete")).ShouldBe(HttpStatusCode.Conflict, "account-not-deleted");
    }

    [Fact]
    public async Task After_thirty_days_an_account_is_shredded_with_its_keys_and_all_below_it()
    {
        var shredder = new RecordingShredder();
        await using var api = await AccountsApi.StartAsync(services => services.AddSingleton<IAccountShredder>(shredder));
        var ada = await api.JoinAsync("ada");
        var client = await ada.ChildAsync(ada.Home);
        var below = await ada.ChildAsync(client);
        await api.Get<AccountKeyrings>().GetOrCreateAsync(AccountId.Parse(client), CancellationToken.None);
        (await ada.DeleteAsync($"/accounts/{client}")).ShouldBe(HttpStatusCode.OK);

        api.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1));
        await TickAsync(api);
        shredder.Shredded.ShouldBeEmpty();
        api.Clock.Advance(TimeSpan.FromMinutes(2));
        await TickAsync(api);

        // Lowest first, so that a crash leaves no account without its parent.
        shredder.Shredded.ShouldBe([below, client]);
        foreach (var table in Enum.GetValues<Table>())
        {
            foreach (var id in new[] { client, below })
                (await api.Items.QueryAsync(new() { Table = table, Partition = $"ACC#{id}" }, CancellationToken.None)).Items.ShouldBeEmpty();
        }
        var again = await api.LoginAsync("ada");
        (await again.GetAsync($"/accounts/{client}")).ShouldBe(HttpStatusCode.NotFound);
        (await again.GetAsync($"/accounts/{ada.Home}/children")).Json["items"]!.AsArray().ShouldBeEmpty();
        (await again.GetAsync($"/accounts/{ada.Home}/activities?action=account.shredded")).Json["items"]!.AsArray().ShouldHaveSingleItem();
        shredder.Shredded.Clear();
        await TickAsync(api);
        shredder.Shredded.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_shredding_that_a_crash_cut_off_is_taken_up_again()
    {
        for (var fault = 0; fault < 20; fault++)
        {
            FaultyItems? faulty = null;
            await using var api = await AccountsApi.StartAsync(services => services.AddFaultyItems(f => faulty = f));
            var ada = await api.JoinAsync("ada");
            var client = await ada.ChildAsync(ada.Home);
            await ada.ChildAsync(client);
            await ada.DeleteAsync($"/accounts/{client}");
            api.Clock.Advance(TimeSpan.FromDays(31));

            faulty!.FailWrite(fault, after: fault % 2 == 0);
            try
            {
                await TickAsync(api);
            }
            catch (IOException)
            {
                // The crash.
            }
            faulty.Heal();
            await TickAsync(api);

            var again = await api.LoginAsync("ada");
            (await again.GetAsync($"/accounts/{ada.Home}/subtree")).Json["items"]!.AsArray().Count.ShouldBe(1);
            (await again.GetAsync($"/accounts/{ada.Home}/children")).Json["items"]!.AsArray().ShouldBeEmpty();
            (await again.GetAsync($"/accounts/{client}")).ShouldBe(HttpStatusCode.NotFound);
        }
    }

    private static Task TickAsync(ApiUnderTest api) => api.Get<ShredAccounts>().TickAsync(DateTimeOffset.MaxValue, CancellationToken.None);

    private sealed class RecordingShredder : IAccountShredder
    {
        public List<string> Shredded { get; } = [];

        public Task ShredAsync(AccountId account, CancellationToken cancellation)
        {
            Shredded.Add(account.ToString());
            return Task.CompletedTask;
        }
    }
}
