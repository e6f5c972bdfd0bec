using System.Net;
using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Accounts.Tests;

public class KeyTests
{
    [Fact]
    public async Task A_rotation_makes_a_new_current_key_and_keeps_the_old_one_readable()
    {
        var listener = new RecordingListener();
        await using var api = await AccountsApi.StartAsync(services => services.AddSingleton<IAccountKeysListener>(listener));
        var ada = await api.JoinAsync("ada");
        var account = AccountId.Parse(ada.Home);
        (await ada.GetAsync($"/accounts/{ada.Home}/keys")).Text("current").ShouldBe("k1");
        var first = await api.Get<AccountKeyrings>().UnwrapAsync(account, "k1", CancellationToken.None);

        var rotated = (await ada.PostAsync($"/accounts/{ada.Home}/keys/rotate")).ShouldBe(HttpStatusCode.OK);

        rotated.Text("current").ShouldBe("k2");
        rotated.Json["keys"]!.AsArray().Count.ShouldBe(2);
        (await api.Get<AccountKeyrings>().UnwrapAsync(account, "k1", CancellationToken.None)).ShouldBe(first);
        (await api.Get<AccountKeyrings>().UnwrapAsync(account, "k2", CancellationToken.None)).ShouldNotBe(first);
        listener.Told.ShouldBe([account]);
        (await ada.GetAsync($"/accounts/{ada.Home}/activities?action=key.*")).Json["items"]!.AsArray().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_recovery_key_is_a_strong_public_rsa_key()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var recovery = $"/accounts/{ada.Home}/keys/recovery";
        using var strong = RSA.Create(3072);
        using var weak = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var answer = (await ada.PutAsync(recovery, new { publicKeyPem = strong.ExportSubjectPublicKeyInfoPem() })).ShouldBe(HttpStatusCode.OK);
        ((string)answer.Json["recovery"]!["sha256"]!).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(strong.ExportSubjectPublicKeyInfo())));

        foreach (var wrong in new[] { weak.ExportSubjectPublicKeyInfoPem(), curve.ExportSubjectPublicKeyInfoPem(), strong.ExportPkcs8PrivateKeyPem(), strong.ExportRSAPrivateKeyPem(), "", "nonsense", new string('x', 9000) })
            (await ada.PutAsync(recovery, new { publicKeyPem = wrong })).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["publicKeyPem"].ShouldNotBeNull();
        (await ada.GetAsync($"/accounts/{ada.Home}/keys")).Json["recovery"].ShouldNotBeNull();
        (await ada.DeleteAsync(recovery)).ShouldBe(HttpStatusCode.OK).Json["recovery"].ShouldBeNull();
    }

    private sealed class RecordingListener : IAccountKeysListener
    {
        public List<AccountId> Told { get; } = [];

        public Task KeysChangedAsync(AccountId account, CancellationToken cancellation)
        {
            Told.Add(account);
            return Task.CompletedTask;
        }
    }
}
