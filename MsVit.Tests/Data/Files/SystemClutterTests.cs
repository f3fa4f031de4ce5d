using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Files;

public sealed class SystemClutterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("__MACOSX/cat/._1.png")]
    [InlineData("cat/._1.png")]
    [InlineData("cat/.ipynb_checkpoints/1-checkpoint.png")]
    [InlineData(".ipynb_checkpoints/1.png")]
    [InlineData("cat/@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg")]
    [InlineData("@eaDir/cat/1.png")]
    [InlineData("cat/Thumbs.db")]
    [InlineData("cat/desktop.ini")]
    [InlineData("Desktop.INI")]
    [InlineData("$RECYCLE.BIN/S-1/1.png")]
    [InlineData("System Volume Information/1.png")]
    [InlineData("#recycle/1.png")]
    [InlineData(".git/objects/1.png")]
    [InlineData(".DS_Store")]
    [InlineData("cat/.thumbnails/1.png")]
    [InlineData("lost+found/1.png")]
    [InlineData("cat/~$1.png")]
    [InlineData("cat/@Recycle/1.png")]
    public void Hidden_files_and_what_systems_leave_behind_never_count(string file)
    {
        SampleFiles.Images(_folder, "cat", 2);
        SampleFiles.Images(_folder, "dog", 2);
        _folder.Write(file, SampleFiles.Png(99));
        Assert.Equal(4, ImageFolder.List(_folder.Path, recurse: true).Count);
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal((4, 2), (account.Samples, account.Parts[0].Classes.Count));
        Assert.Empty(account.PassedOver);
    }
}
