using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Embedded.Tests;

public sealed class FileObjectsTests : ObjectStoreContract, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FileObjectStores _stores;
    private int _count;

    public FileObjectsTests() => _stores = new FileObjectStores(_folder.File("objects"));

    protected override Task<IObjectStore> CreateEmptyAsync() => Task.FromResult(_stores.Bucket($"bucket-{_count++}"));

    [Fact]
    public async Task An_object_is_a_file_of_its_name()
    {
        await _stores.Bucket("listbackup-acc").PutAsync("m/src/000000000001.json", "{}"u8.ToArray(), PutCondition.CreateOnly, Cancellation);

        (await File.ReadAllTextAsync(_folder.File("objects/listbackup-acc/m/src/000000000001.json"), Cancellation)).ShouldBe("{}");
        Directory.EnumerateFiles(_folder.File("objects/.tmp")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_or_broken_put_leaves_no_temporary_file()
    {
        var store = _stores.Bucket("bucket");
        await store.PutAsync("name", "1"u8.ToArray(), PutCondition.CreateOnly, Cancellation);

        await Should.ThrowAsync<ObjectExistsException>(() => store.PutAsync("name", "2"u8.ToArray(), PutCondition.CreateOnly, Cancellation));
        await Should.ThrowAsync<ObjectStoreException>(() => store.PutAsync("name/below", "3"u8.ToArray(), PutCondition.CreateOnly, Cancellation));

        Directory.EnumerateFileSystemEntries(_folder.File("objects"), "*", SearchOption.AllDirectories).Where(File.Exists)
            .ShouldBe([_folder.File("objects/bucket/name")]);
    }

    [Fact]
    public async Task What_a_killed_process_left_half_written_is_removed_at_the_next_start()
    {
        var orphan = _folder.File("objects/.tmp/.orphan.tmp");
        await File.WriteAllTextAsync(orphan, "half", Cancellation);

        _ = new FileObjectStores(_folder.File("objects"));

        File.Exists(orphan).ShouldBeFalse();
    }

    [Fact]
    public async Task A_reader_goes_on_reading_what_it_opened_while_the_object_is_replaced_and_deleted()
    {
        var store = _stores.Bucket("bucket");
        await store.PutAsync("name", "old content"u8.ToArray(), PutCondition.Replace, Cancellation);
        await using var open = await store.OpenReadAsync("name", Cancellation);

        await store.PutAsync("name", "new"u8.ToArray(), PutCondition.Replace, Cancellation);
        await store.DeleteAsync("name", Cancellation);

        (await new StreamReader(open).ReadToEndAsync(Cancellation)).ShouldBe("old content");
    }

    [Theory]
    [InlineData("ab"), InlineData("-abc"), InlineData("abc-"), InlineData("Abc"), InlineData("a/b"), InlineData("..."), InlineData("a.b")]
    public void A_bucket_outside_the_rule_is_refused(string name)
    {
        Should.Throw<ArgumentException>(() => _stores.Bucket(name));
    }

    [Theory]
    [InlineData("../"), InlineData("a/../../"), InlineData("/etc/"), InlineData("//")]
    public async Task A_prefix_never_leads_out_of_the_bucket(string prefix)
    {
        await _stores.Bucket("neighbour").PutAsync("a/b", "x"u8.ToArray(), PutCondition.Replace, Cancellation);
        await _stores.Bucket("bucket").PutAsync("a/b", "x"u8.ToArray(), PutCondition.Replace, Cancellation);

        var names = new List<string>();
        await foreach (var head in _stores.Bucket("bucket").ListAsync(prefix, null, Cancellation)) names.Add(head.Name);

        names.ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();
}
