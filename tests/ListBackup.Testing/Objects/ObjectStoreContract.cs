using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault;

namespace ListBackup.Testing;

/// <summary>What every <see cref="IObjectStore"/> promises. An adapter's tests inherit it and say how to make an empty store.</summary>
public abstract class ObjectStoreContract
{
    /// <summary>A store without objects, of its own for each call.</summary>
    protected abstract Task<IObjectStore> CreateEmptyAsync();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_reads_back_as_it_was_put()
    {
        var store = await CreateEmptyAsync();
        var content = RandomNumberGenerator.GetBytes(100_000);

        await store.PutAsync("a/b/c.bin", content, PutCondition.Replace, Cancellation);

        (await store.ReadAsync("a/b/c.bin", Cancellation)).ShouldBe(content);
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        var store = await CreateEmptyAsync();

        await store.PutAsync("empty", ReadOnlyMemory<byte>.Empty, PutCondition.CreateOnly, Cancellation);

        (await store.ReadAsync("empty", Cancellation)).ShouldBeEmpty();
        (await store.HeadAsync("empty", Cancellation)).ShouldNotBeNull().Size.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_absent_is_not_found()
    {
        var store = await CreateEmptyAsync();

        (await store.HeadAsync("none", Cancellation)).ShouldBeNull();
        (await Should.ThrowAsync<ObjectNotFoundException>(() => store.ReadAsync("none", Cancellation))).Name.ShouldBe("none");
        await Should.ThrowAsync<ObjectNotFoundException>(() => store.ReadRangeAsync("none", 0, 1, Cancellation));
        await Should.ThrowAsync<ObjectNotFoundException>(async () => await (await store.OpenReadAsync("none", Cancellation)).DisposeAsync());
    }

    [Fact]
    public async Task A_name_inside_another_name_is_no_object()
    {
        var store = await CreateEmptyAsync();
        await store.PutAsync("a/b", Bytes("x"), PutCondition.Replace, Cancellation);

        (await store.HeadAsync("a", Cancellation)).ShouldBeNull();
        await Should.ThrowAsync<ObjectNotFoundException>(() => store.ReadAsync("a", Cancellation));
    }

    [Fact]
    public async Task A_range_is_cut_where_the_object_ends()
    {
        var store = await CreateEmptyAsync();
        await store.PutAsync("digits", Bytes("0123456789"), PutCondition.Replace, Cancellation);

        (await store.ReadRangeAsync("digits", 0, 10, Cancellation)).ShouldBe(Bytes("0123456789"));
        (await store.ReadRangeAsync("digits", 3, 4, Cancellation)).ShouldBe(Bytes("3456"));
        (await store.ReadRangeAsync("digits", 8, 100, Cancellation)).ShouldBe(Bytes("89"));
        (await store.ReadRangeAsync("digits", 10, 1, Cancellation)).ShouldBeEmpty();
        (await store.ReadRangeAsync("digits", 5, 0, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_put_replaces()
    {
        var store = await CreateEmptyAsync();
        await store.PutAsync("name", Bytes("a longer first content"), PutCondition.Replace, Cancellation);

        await store.PutAsync("name", Bytes("second"), PutCondition.Replace, Cancellation);

        (await store.ReadAsync("name", Cancellation)).ShouldBe(Bytes("second"));
    }

    [Fact]
    public async Task A_create_only_put_keeps_what_is_there()
    {
        var store = await CreateEmptyAsync();
        await store.PutAsync("name", Bytes("first"), PutCondition.CreateOnly, Cancellation);

        (await Should.ThrowAsync<ObjectExistsException>(() => store.PutAsync("name", Bytes("second"), PutCondition.CreateOnly, Cancellation)))
            .Name.ShouldBe("name");

        (await store.ReadAsync("name", Cancellation)).ShouldBe(Bytes("first"));
    }

    [Fact]
    public async Task Of_many_writers_that_create_one_name_exactly_one_succeeds()
    {
        var store = await CreateEmptyAsync();

        var winners = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(() => TryCreateAsync(store, number))));

        var winner = winners.Where(number => number is not null).ShouldHaveSingleItem();
        (await store.ReadAsync("contended", Cancellation)).ShouldBe(Bytes($"writer {winner}"));
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_deleting_again_is_no_error()
    {
        var store = await CreateEmptyAsync();
        await store.PutAsync("name", Bytes("x"), PutCondition.Replace, Cancellation);

        await store.DeleteAsync("name", Cancellation);
        await store.DeleteAsync("name", Cancellation);

        (await store.HeadAsync("name", Cancellation)).ShouldBeNull();
        await store.PutAsync("name", Bytes("y"), PutCondition.CreateOnly, Cancellation);
        (await store.ReadAsync("name", Cancellation)).ShouldBe(Bytes("y"));
    }

    [Fact]
    public async Task A_head_tells_name_size_and_if_anything_the_right_checksum()
    {
        var store = await CreateEmptyAsync();
        await store.PutAsync("a/name", Bytes("content"), PutCondition.Replace, Cancellation);

        var head = (await store.HeadAsync("a/name", Cancellation)).ShouldNotBeNull();

        head.Name.ShouldBe("a/name");
        head.Size.ShouldBe(7);
        (head.Sha256 ?? Convert.ToHexStringLower(SHA256.HashData(Bytes("content")))).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Bytes("content"))));
    }

    [Fact]
    public async Task A_list_is_ordered_and_holds_the_prefix_only()
    {
        var store = await CreateEmptyAsync();
        foreach (var name in new[] { "b/2", "a/10", "a/9", "a-b", "a/B", "a/b/c", "ab", "a/1" })
            await store.PutAsync(name, Bytes(name), PutCondition.Replace, Cancellation);

        var listed = await ListAsync(store, "a/", after: null);

        listed.ShouldBe(["a/1", "a/10", "a/9", "a/B", "a/b/c"]);
    }

    [Fact]
    public async Task A_prefix_may_end_in_the_middle_of_a_part()
    {
        var store = await CreateEmptyAsync();
        foreach (var name in new[] { "a/12", "a/123/x", "a/2", "b" })
            await store.PutAsync(name, Bytes(name), PutCondition.Replace, Cancellation);

        (await ListAsync(store, "a/12", after: null)).ShouldBe(["a/12", "a/123/x"]);
        (await ListAsync(store, "", after: null)).ShouldBe(["a/12", "a/123/x", "a/2", "b"]);
        (await ListAsync(store, "c", after: null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_begins_behind_the_given_name_whether_it_exists_or_not()
    {
        var store = await CreateEmptyAsync();
        foreach (var name in new[] { "a/1", "a/2", "a/3" })
            await store.PutAsync(name, Bytes(name), PutCondition.Replace, Cancellation);

        (await ListAsync(store, "a/", after: "a/2")).ShouldBe(["a/3"]);
        (await ListAsync(store, "a/", after: "a/15")).ShouldBe(["a/2", "a/3"]);
        (await ListAsync(store, "a/", after: "a/3")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_goes_over_more_than_one_page()
    {
        var store = await CreateEmptyAsync();
        var names = Enumerable.Range(0, 1_050).Select(number => $"many/{number:0000}").ToList();
        foreach (var name in names) await store.PutAsync(name, Bytes("x"), PutCondition.Replace, Cancellation);

        (await ListAsync(store, "many/", after: null)).ShouldBe(names);
    }

    [Fact]
    public async Task A_stream_is_stored_whole_and_read_back()
    {
        var store = await CreateEmptyAsync();
        var content = RandomNumberGenerator.GetBytes(9_000_000);
        using var stream = new MemoryStream(content);

        await store.PutStreamAsync("large", stream, Cancellation);

        await using var read = await store.OpenReadAsync("large", Cancellation);
        using var copy = new MemoryStream();
        await read.CopyToAsync(copy, Cancellation);
        copy.ToArray().AsSpan().SequenceEqual(content).ShouldBeTrue();
    }

    [Fact]
    public async Task A_stream_that_breaks_leaves_what_was_there()
    {
        var store = await CreateEmptyAsync();
        await store.PutAsync("name", Bytes("before"), PutCondition.Replace, Cancellation);
        await using var broken = new BrokenStream(200_000);

        await Should.ThrowAsync<IOException>(() => store.PutStreamAsync("name", broken, Cancellation));

        (await store.ReadAsync("name", Cancellation)).ShouldBe(Bytes("before"));
        (await ListAsync(store, "", after: null)).ShouldBe(["name"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a/./b")]
    [InlineData("a/../../b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\0")]
    public async Task A_name_outside_the_rule_is_refused(string name)
    {
        var store = await CreateEmptyAsync();

        await Should.ThrowAsync<ArgumentException>(() => store.PutAsync(name, Bytes("x"), PutCondition.Replace, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => store.ReadAsync(name, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => store.HeadAsync(name, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => store.DeleteAsync(name, Cancellation));
    }

    [Fact]
    public async Task A_cancelled_request_ends_as_cancelled()
    {
        var store = await CreateEmptyAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => store.PutAsync("name", Bytes("x"), PutCondition.Replace, cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(() => store.ReadAsync("name", cancelled.Token));

        (await store.HeadAsync("name", Cancellation)).ShouldBeNull();
    }

    private static async Task<int?> TryCreateAsync(IObjectStore store, int number)
    {
        try
        {
            await store.PutAsync("contended", Bytes($"writer {number}"), PutCondition.CreateOnly, Cancellation);
            return number;
        }
        catch (ObjectExistsException)
        {
            return null;
        }
    }

    private static async Task<List<string>> ListAsync(IObjectStore store, string prefix, string? after)
    {
        var names = new List<string>();
        await foreach (var head in store.ListAsync(prefix, after, Cancellation)) names.Add(head.Name);
        return names;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Gives some bytes, then fails as a lost connection does.</summary>
    private sealed class BrokenStream(int bytesBefore) : Stream
    {
        private int _left = bytesBefore;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_left == 0) throw new IOException("The source broke by order of the test.");
            var read = Math.Min(count, _left);
            _left -= read;
            return read;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
