using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer.Ranks;

public sealed class RankOptionsTests
{
    [Fact]
    public void Options_of_ranks_that_contradict_or_are_wrong_are_refused()
    {
        using var folder = new TemporaryFolder();
        string[] train = ["train", "--data", "shapes:20", "--output", Path.Combine(folder.Path, "m.zip")];
        Refuses("Use either --ranks or --devices, not both", "--ranks", "2", "--devices", "all");
        Refuses("--ranks is 0; it must be 1 or more.", "--ranks", "0");
        Refuses("--devices is 'some'; it must be all, or a number of GPUs, 1 or more.", "--devices", "some");
        Refuses("'soon' is not a time", "--stall-limit", "soon");
        if (!TorchSharp.torch.cuda.is_available())
        {
            Refuses("torch sees none on this machine. To share the work among processes on the CPU, use --ranks.", "--devices", "all");
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));

        void Refuses(string message, params string[] words)
        {
            var (code, _, error) = Cli.Run([.. train, .. words]);
            Assert.Equal(2, code);
            Assert.Contains(message, error, StringComparison.Ordinal);
        }
    }
}
