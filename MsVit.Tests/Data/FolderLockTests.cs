using System.Globalization;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data;

public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_in_use_is_refused_with_the_process_the_machine_and_the_time()
    {
        using var held = FolderLock.Take(_folder.Path);
        var error = Assert.Throws<FolderInUseException>(() => FolderLock.Take(_folder.Path));
        Assert.Matches(string.Create(CultureInfo.InvariantCulture,
            $@"is in use by process {Environment.ProcessId} on {Environment.MachineName} since \d\d\d\d-\d\d-\d\d \d\d:\d\d\.$"),
            error.Message);
    }

    [Fact]
    public void A_released_folder_is_free_and_empty()
    {
        FolderLock.Take(_folder.Path).Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        FolderLock.Take(_folder.Path).Dispose();
    }

    [Fact]
    public void Locks_of_different_names_do_not_exclude_each_other()
    {
        using var run = FolderLock.Take(_folder.Path);
        using var session = FolderLock.Take(_folder.Path, "session");
        Assert.Throws<FolderInUseException>(() => FolderLock.Take(_folder.Path, "session"));
    }

    [Fact]
    public void What_a_killed_process_left_behind_does_not_lock()
    {
        _folder.Write("run.lock", []);
        _folder.Write("run.owner", """{"Process":1,"Host":"gone","Since":"2020-01-01T00:00:00+00:00"}"""u8.ToArray());
        using var held = FolderLock.Take(_folder.Path);
        Assert.DoesNotContain("gone", Assert.Throws<FolderInUseException>(() => FolderLock.Take(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"Process\":-5,\"Host\":\"h\",\"Since\":\"2020-01-01T00:00:00+00:00\"}")]
    [InlineData("{\"Process\":5,\"Host\":null,\"Since\":\"2020-01-01T00:00:00+00:00\"}")]
    [InlineData("\u0000\u0001")]
    public void An_owner_file_that_is_none_is_not_repeated(string content)
    {
        using var held = FolderLock.Take(_folder.Path);
        File.WriteAllText(Path.Combine(_folder.Path, "run.owner"), content);
        var error = Assert.Throws<FolderInUseException>(() => FolderLock.Take(_folder.Path));
        Assert.EndsWith("is in use by another process.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_contents_are_deleted_but_not_the_lock_nor_what_a_link_points_to()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder.Path, "outside")).FullName;
        File.WriteAllText(Path.Combine(outside, "precious.txt"), "x");
        var run = Path.Combine(_folder.Path, "run");
        using (var held = FolderLock.Take(run))
        {
            File.WriteAllText(Path.Combine(run, "step.json"), "{}");
            Directory.CreateDirectory(Path.Combine(run, "inner", "deep"));
            if (!OperatingSystem.IsWindows())
            {
                File.CreateSymbolicLink(Path.Combine(run, "link"), outside);
            }
            held.DeleteContents();
            Assert.Equal(["run.lock", "run.owner"], Directory.EnumerateFileSystemEntries(run).Select(Path.GetFileName).Order());
            Assert.Throws<FolderInUseException>(() => FolderLock.Take(run));
        }
        Assert.True(File.Exists(Path.Combine(outside, "precious.txt")));
        FolderLock.DeleteIfEmpty(run);
        Assert.False(Directory.Exists(run));
    }

    [LinuxFact("files that may be deleted while they are open")]
    public void A_folder_that_the_user_deletes_under_the_lock_does_no_harm()
    {
        var run = Path.Combine(_folder.Path, "run");
        var held = FolderLock.Take(run);
        Directory.Delete(run, recursive: true);
        held.Dispose();
        FolderLock.DeleteIfEmpty(run);
    }

    [Fact]
    public void A_folder_with_files_is_not_deleted_as_empty()
    {
        _folder.Write("run/a", []);
        FolderLock.DeleteIfEmpty(Path.Combine(_folder.Path, "run"));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "run", "a")));
    }
}
