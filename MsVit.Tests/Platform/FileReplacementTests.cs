using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Platform;

public sealed class FileReplacementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<TimeSpan> _waits = [];
    private readonly string _new, _old;

    public FileReplacementTests() => (_new, _old) = (_folder.Write("m.zip.tmp", [2]), _folder.Write("m.zip", [1]));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_a_reader_has_open_is_replaced_once_the_reader_closes_it()
    {
        var reader = new FileStream(_old, FileMode.Open, FileAccess.Read, FileShare.Read);
        // Linux replaces it at once; Windows asks to wait.
        FileReplacement.Run(_new, _old, calls: new() { Wait = _ => reader.Dispose() });
        reader.Dispose();
        Assert.Equal([2], File.ReadAllBytes(_old));
        Assert.False(File.Exists(_new));
    }

    [Fact]
    public void A_refused_rename_is_tried_again_after_longer_and_longer_pauses()
    {
        var refusals = 7;
        FileReplacement.Run(_new, _old, calls: Calls(
            (from, to) => File.Move(from, refusals-- > 0 ? throw new UnauthorizedAccessException("in use") : to, overwrite: true)));
        Assert.Equal([5, 10, 20, 40, 80, 100, 100], _waits.Select(wait => wait.TotalMilliseconds));
        Assert.Equal([2], File.ReadAllBytes(_old));
    }

    [Fact]
    public void After_two_seconds_the_other_call_of_Windows_replaces_the_file()
    {
        FileReplacement.Run(_new, _old, calls: Calls(Refuse, (from, to) => File.Move(from, to, overwrite: true)));
        Assert.InRange(_waits.Sum(wait => wait.TotalSeconds), 2, 2.1);
        Assert.Equal([2], File.ReadAllBytes(_old));
    }

    [Fact]
    public void Where_there_is_no_file_yet_the_other_call_is_not_used()
    {
        File.Delete(_old);
        Assert.Throws<FileNotReplacedException>(() => FileReplacement.Run(_new, _old, calls: Calls(Refuse, (_, _) => Assert.Fail())));
        Assert.Equal([2], File.ReadAllBytes(_new));
    }

    [Fact]
    public void A_file_that_stays_in_use_keeps_its_content_and_the_error_names_the_new_one()
    {
        var error = Assert.Throws<FileNotReplacedException>(() => FileReplacement.Run(_new, _old, calls: Calls(Refuse, Refuse)));
        Assert.Equal($"The new file is complete in {_new}, but could not be renamed to {_old}: The file is in use. "
            + $"Close the programs that have {_old} open, then rename it yourself.", error.Message);
        Assert.Equal(_new, error.Temporary);
        Assert.Equal([1], File.ReadAllBytes(_old));
        Assert.Equal([2], File.ReadAllBytes(_new));
    }

    [Fact]
    public void A_file_that_is_worth_nothing_by_itself_is_deleted()
    {
        var error = Assert.Throws<IOException>(() => FileReplacement.Run(_new, _old, isKept: false, Calls(Refuse, Refuse)));
        Assert.Equal($"{_old} could not be replaced: The file is in use. Close the programs that have it open.", error.Message);
        Assert.Equal([_old], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_waiting_does_not_change_fails_at_once()
    {
        var folder = Path.GetDirectoryName(_folder.Write("taken/file", [3]))!;
        var error = Assert.Throws<FileNotReplacedException>(
            () => FileReplacement.Run(_new, folder, calls: new() { Wait = _ => Assert.Fail() }));
        Assert.EndsWith(". Rename it yourself.", error.Message, StringComparison.Ordinal);
        Assert.Equal([2], File.ReadAllBytes(_new));
    }

    [Fact]
    public void What_cannot_be_deleted_is_a_warning()
    {
        var warnings = new List<string>();
        // The call for files refuses a folder.
        Leftover.Delete(_folder.Path, warnings.Add);
        Assert.StartsWith($"{_folder.Path} is not needed any more, but could not be deleted: ", Assert.Single(warnings),
            StringComparison.Ordinal);

        warnings.Clear();
        Leftover.Delete(Path.Combine(_folder.Path, "gone", "file"), warnings.Add);
        Leftover.DeleteFolder(Path.Combine(_folder.Path, "gone"), warnings.Add);
        Leftover.Delete(_new, warnings.Add);
        Assert.Empty(warnings);
        Assert.False(File.Exists(_new));
    }

    [Fact]
    public void A_folder_of_which_a_file_is_open_goes_on_Linux_and_stays_with_a_warning_on_Windows()
    {
        var warnings = new List<string>();
        var open = _folder.Write("models/m.zip", [1]);
        using (new FileStream(open, FileMode.Open, FileAccess.Read, FileShare.None))
        {
            Leftover.DeleteFolder(Path.GetDirectoryName(open)!, warnings.Add);
        }
        Assert.Equal(OperatingSystem.IsWindows(), File.Exists(open));
        Assert.Equal(OperatingSystem.IsWindows() ? 1 : 0, warnings.Count);
    }

    private ReplacementCalls Calls(Action<string, string> move, Action<string, string>? replace = null) => new()
    {
        Move = move,
        Replace = replace ?? ((_, _) => Assert.Fail("The rename succeeded.")),
        Wait = _waits.Add,
        IsInUse = (_, _) => true,
    };

    private static void Refuse(string from, string to) => throw new UnauthorizedAccessException("The file is in use.");
}
