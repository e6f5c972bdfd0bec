using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;

namespace ListBackup.Embedded.Tests;

public sealed class FileKeysTests : KeysContract, IDisposable
{
    private static readonly KeyContext Context = new("account", "acc_1");

    private readonly TempFolder _folder = new();
    private readonly string _path;
    private readonly MasterKeys _masterKeys;

    public FileKeysTests()
    {
        _path = _folder.File("master.key");
        _masterKeys = MasterKeys.OpenOrCreate(_path, TimeProvider.System);
        Keys = new FileKeys(_masterKeys);
    }

    protected override IKeys Keys { get; }

    [Fact]
    public async Task A_key_is_unwrapped_by_the_next_process_from_the_same_file()
    {
        var key = await Keys.GenerateAsync(Context, Cancellation);

        (await Reopened().UnwrapAsync(key.Wrapped, Context, Cancellation)).ShouldBe(key.Plain);
    }

    [Fact]
    public async Task After_a_rotation_old_wrappings_open_and_new_ones_need_the_new_key()
    {
        var old = await Keys.GenerateAsync(Context, Cancellation);
        var copy = File.ReadAllBytes(_path);
        _masterKeys.Rotate();
        var young = await Keys.GenerateAsync(Context, Cancellation);

        (await Reopened().UnwrapAsync(old.Wrapped, Context, Cancellation)).ShouldBe(old.Plain);
        (await Reopened().UnwrapAsync(young.Wrapped, Context, Cancellation)).ShouldBe(young.Plain);
        File.WriteAllBytes(_path, copy);
        var refusal = await Should.ThrowAsync<CryptographicException>(() => Reopened().UnwrapAsync(young.Wrapped, Context, Cancellation));
        refusal.Message.ShouldContain("not in the key file");
    }

    [Fact]
    public async Task Another_installation_unwraps_nothing()
    {
        var key = await Keys.GenerateAsync(Context, Cancellation);
        var other = new FileKeys(MasterKeys.OpenOrCreate(_folder.File("other.key"), TimeProvider.System));

        await Should.ThrowAsync<CryptographicException>(() => other.UnwrapAsync(key.Wrapped, Context, Cancellation));
    }

    [Fact]
    public void What_is_sealed_for_one_purpose_is_not_opened_for_another()
    {
        var bytes = _masterKeys.Seal("keys", "text"u8, "context");

        Should.Throw<CryptographicException>(() => _masterKeys.Open("secrets", bytes, "context"));
        _masterKeys.Open("keys", bytes, "context").ShouldBe("text"u8.ToArray());
    }

    [Fact]
    public void The_key_file_is_for_its_owner_only_and_refused_otherwise()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix permissions.");
#pragma warning disable CA1416 // Skipped on Windows above.
        File.GetUnixFileMode(_path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _masterKeys.Rotate();
        File.GetUnixFileMode(_path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
#pragma warning restore CA1416

        Should.Throw<StorageException>(Reopened).Message.ShouldEndWith($"Run: chmod 600 {_path}");
    }

    [Theory]
    [InlineData(""), InlineData("{}"), InlineData("""{"format":1,"keys":[]}"""), InlineData("""{"format":2,"keys":[]}""")]
    [InlineData("""{"format":1,"keys":[{"id":"0011223344556677","key":"c2hvcnQ=","createdAt":"2026-01-01T00:00:00Z"}]}""")]
    public void A_damaged_key_file_is_refused_without_quoting_it(string content)
    {
        File.WriteAllText(_path, content);

        var refusal = Should.Throw<StorageException>(Reopened);

        refusal.Message.ShouldContain("damaged");
        refusal.Message.ShouldNotContain("c2hvcnQ");
    }

    public void Dispose() => _folder.Dispose();

    private FileKeys Reopened() => new(MasterKeys.OpenOrCreate(_path, TimeProvider.System));
}
