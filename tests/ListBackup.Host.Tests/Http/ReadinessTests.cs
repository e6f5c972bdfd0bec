using ListBackup.Embedded;

namespace ListBackup.Host.Tests;

public sealed class ReadinessTests
{
    [Theory]
    [InlineData(PartChecks.DiskCheck.FreeBytesMin, true)]
    [InlineData(PartChecks.DiskCheck.FreeBytesMin - 1, false)]
    public async Task A_disk_that_is_nearly_full_is_not_ready(long free, bool ready)
    {
        using var temp = new TempFolder();
        using var folder = DataFolder.Open(Path.Combine(temp.Path, "data"));
        var check = new PartChecks.DiskCheck(folder, asked => asked == folder.Path ? free : throw new ArgumentException(asked));

        var failure = await Record.ExceptionAsync(() => check.CheckAsync(TestContext.Current.CancellationToken));

        (failure is null).ShouldBe(ready);
    }

    [Fact]
    public void A_key_file_that_is_gone_or_another_one_is_told_while_the_process_still_has_the_keys()
    {
        using var temp = new TempFolder();
        var (path, other) = (Path.Combine(temp.Path, "master.key"), Path.Combine(temp.Path, "other.key"));
        var keys = MasterKeys.OpenOrCreate(path, TimeProvider.System);
        MasterKeys.OpenOrCreate(other, TimeProvider.System);
        keys.CheckFile();

        File.Move(other, path, overwrite: true);
        Should.Throw<Domain.StorageException>(keys.CheckFile).Message.ShouldContain("other keys");
        File.Delete(path);
        Should.Throw<Domain.StorageException>(keys.CheckFile).Message.ShouldContain("missing");
    }
}
