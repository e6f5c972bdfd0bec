using ListBackup.Testing;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Tests.Searching;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Keys;

/// <summary>One key out of a large key file: the same that the whole file has, or none.</summary>
public sealed class SingleGroupKeyTests
{
    private const int Groups = 256;
    private const long Outgrown = Groups * 8 * 1_024 + 1;

    [Fact]
    public async Task A_key_is_the_one_that_the_whole_file_has_in_every_epoch()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(Request("r1", Groups * 1_024), """{"id":1}""");
        await vault.BackUpAsync(Request("r2", Outgrown), """{"id":2}""");
        var (secrets, store) = await OpenAsync(vault);
        foreach (var epoch in new[] { 1, 2 })
        {
            var name = ObjectNames.StreamKeys(Source, Contacts, epoch);
            var keys = StreamKeys.Read(await vault.Objects.ReadAsync(name, Cancellation), name, Source, Contacts, secrets);
            keys.Newest.Groups.ShouldBe(epoch == 1 ? Groups : 4_096);
            for (var group = 0; group < keys.Newest.Groups; group += 51)
            {
                var single = await SingleGroupKey.TryReadAsync(vault.Objects, name, epoch, group, secrets, Cancellation);

                single!.Find(epoch, group)!.Value.ToArray().ShouldBe(keys.Find(epoch, group)!.Value.ToArray(), $"{epoch} {group}");
                single.Find(epoch, group + 1).ShouldBeNull();
                single.Find(epoch + 1, group).ShouldBeNull();
            }

            (await SingleGroupKey.TryReadAsync(vault.Objects, name, epoch, keys.Newest.Groups, secrets, Cancellation)).ShouldBeNull();
            (await SingleGroupKey.TryReadAsync(vault.Objects, name, epoch + 1, 0, secrets, Cancellation)).ShouldBeNull();
        }

        (await SingleGroupKey.TryReadAsync(vault.Objects, ObjectNames.StreamKeys(Source, Contacts, 3), 3, 0, secrets, Cancellation)).ShouldBeNull("there is no such file");
        (await store.GetForBlockAsync(Source, Contacts, 1, Groups, 7, Cancellation)).ShouldBeOfType<SingleGroupKey>();
        (await store.GetForBlockAsync(Source, Contacts, 1, SingleGroupKey.GroupsMin / 2, 7, Cancellation)).ShouldBeOfType<StreamKeys>();
    }

    [Fact]
    public async Task Who_looks_up_many_records_reads_the_file_once()
    {
        var counting = new CountingObjects(new MemoryObjects());
        var vault = await CreateAsync(counting);
        await vault.BackUpAsync(Request("r1", Groups * 1_024), [.. Enumerable.Range(0, 300).Select(id => $$"""{"id":{{id}}}""")]);
        await vault.ReopenAsync();
        var history = await vault.Vault.OpenHistoryAsync(Source, Contacts, Cancellation);

        var before = counting.BytesRead;
        (await history.ReadAsync("0", Cancellation)).Count.ShouldBe(1);
        (counting.BytesRead - before).ShouldBeLessThan(Groups * Kdf.KeyByteCount / 2, "the file of the keys is not read for one");
        for (var id = 1; id < 300; id++) (await history.ReadAsync($"{id}", Cancellation)).Count.ShouldBe(1);
        before = counting.Requests;
        for (var id = 0; id < 300; id++) await history.ReadAsync($"{id}", Cancellation);
        (counting.Requests - before).ShouldBeLessThanOrEqualTo(300, "a block each, and no key");
    }

    [Fact]
    public async Task Erased_groups_have_no_single_keys_and_are_read_with_all()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(Request("r1", Groups * 1_024), [.. Enumerable.Range(0, 300).Select(id => $$"""{"id":"{{id}}"}""")]);
        await vault.Vault.EraseAsync(Erasing.ErasureTests.RequestFor("7"), Cancellation);
        await vault.ReopenAsync();
        var history = await vault.Vault.OpenHistoryAsync(Source, Contacts, Cancellation);

        for (var id = 0; id < 300; id++)
        {
            var versions = await history.ReadAsync($"{id}", Cancellation);
            if (id == 7) versions.ShouldAllBe(version => version.Json == null);
            else versions.ShouldHaveSingleItem().Json.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_key_that_was_tampered_with_opens_nothing_and_the_damage_is_told()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(Request("r1", Groups * 1_024), """{"id":1}""");
        var file = objects.Contents[ObjectNames.StreamKeys(Source, Contacts, 1)];
        for (var place = 0; place < file.Length; place += 61)
        {
            var was = file[place];
            file[place] = (byte)(was == 'A' ? 'B' : 'A');
            await vault.ReopenAsync();
            var history = await vault.Vault.OpenHistoryAsync(Source, Contacts, Cancellation);
            try
            {
                // The place may be another group's, and nothing was lost for this one.
                (await history.ReadAsync("1", Cancellation)).ShouldHaveSingleItem().Json!.Value.ToArray().ShouldBe(Utf8("""{"id":1}"""));
            }
            catch (VaultDamagedException damage)
            {
                damage.ObjectName.ShouldBe(ObjectNames.StreamKeys(Source, Contacts, 1));
            }

            file[place] = was;
        }
    }

    private static StreamBackupRequest Request(string run, long expected)
    {
        var request = VaultFixture.Request(run, ReadMode.Incremental);
        return request with { Settings = request.Settings with { ExpectedRecords = expected } };
    }

    private static async Task<(VaultSecrets Secrets, StreamKeyStore Store)> OpenAsync(VaultFixture vault)
    {
        var secrets = await VaultKeyFiles.OpenAsync(vault.Objects, TestKeys, Cancellation);
        return (secrets, new StreamKeyStore(vault.Objects, secrets));
    }
}
