using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Storage;

public sealed class SpillFileTests : IDisposable
{
    // Above the highest number that any system gives.
    private const int Dead = int.MaxValue;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_file_is_gone_when_it_is_closed()
    {
        var file = SpillFile.Create(_folder.Path);
        Assert.Single(Files());
        file.Dispose();
        Assert.Empty(Files());
    }

    [Fact]
    public void What_a_dead_process_left_is_removed()
    {
        Leave(Dead);
        SpillFile.RemoveLeftovers(_folder.Path);
        Assert.Empty(Files());
    }

    [Fact]
    public void What_a_dead_process_of_the_same_number_left_is_removed()
    {
        Leave(Environment.ProcessId);
        SpillFile.RemoveLeftovers(_folder.Path);
        Assert.Empty(Files());
    }

    [Fact]
    public void A_file_of_this_process_that_is_open_is_kept()
    {
        using var file = SpillFile.Create(_folder.Path);
        SpillFile.RemoveLeftovers(_folder.Path);
        Assert.Single(Files());
    }

    [Fact]
    public void The_file_of_another_living_process_is_kept()
    {
        using var other = FreshProcess.StartFed(FreshProcess.SpillVerb, _folder.Path);
        Assert.Equal(FreshProcess.Ready, other.StandardOutput.ReadLine());
        SpillFile.RemoveLeftovers(_folder.Path);
        Assert.Single(Files());

        // Killed, it could not delete its file; on Windows the kernel does.
        other.Kill();
        other.WaitForExit();
        Assert.Equal(OperatingSystem.IsWindows() ? 0 : 1, Files().Length);
        SpillFile.RemoveLeftovers(_folder.Path);
        Assert.Empty(Files());
    }

    [Fact]
    public void A_file_that_somebody_has_open_is_kept_though_no_process_has_its_number()
    {
        var path = Leave(Dead);
        using var open = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        SpillFile.RemoveLeftovers(_folder.Path);
        Assert.Single(Files());
    }

    [Fact]
    public void Other_files_are_kept()
    {
        _folder.Write("samples-of-mine.tmp", [1]);
        _folder.Write($"samples-{Dead}-mine.png", [1]);
        _folder.Write($"my-samples-{Dead}-x.tmp", [1]);
        SpillFile.RemoveLeftovers(_folder.Path);
        Assert.Equal(3, Files().Length);
    }

    [Fact]
    public void A_missing_folder_has_no_leftovers()
    {
        var missing = Path.Combine(_folder.Path, "none");
        SpillFile.RemoveLeftovers(missing);
        Assert.False(Directory.Exists(missing));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Files() => Directory.GetFiles(_folder.Path);

    private string Leave(int process) => _folder.Write($"samples-{process}-abcdefgh.ijk.tmp", [1, 2, 3]);
}
