using MsVit.Tests.Support;

namespace MsVit.Tests.Samples;

[Trait(LongTests.Trait, LongTests.Long)]
public sealed class WebSampleTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact("SIGTERM")]
    public async Task SIGTERM_while_it_trains_its_model_ends_it_and_leaves_no_unfinished_model()
    {
        using var process = FreshProcess.StartIn(_folder.Path, FreshProcess.SampleVerb, "web", "--urls", "http://127.0.0.1:0");
        _ = process.StandardError.ReadToEndAsync();
        // The first epoch is over, so there is a network that could be saved.
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("epoch", StringComparison.OrdinalIgnoreCase))
        {
        }
        var rest = process.StandardOutput.ReadToEndAsync();
        FreshProcess.Terminate(process);
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        Assert.NotEqual(0, process.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.DoesNotContain("Saved", await rest, StringComparison.Ordinal);
        Assert.DoesNotContain("listening", await rest, StringComparison.Ordinal);
    }
}
