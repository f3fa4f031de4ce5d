using MsVit.Tests.Support;

namespace MsVit.Tests.Documents;

/// <summary>The README's first program, as it is pasted, in a process and a folder of its own.</summary>
public sealed class ReadmeProgramTests : IDisposable
{
    // Fewer images and epochs than a reader trains; everything else stays.
    private static readonly (string From, string To)[] Shorter =
    [
        ("LoadShapeImages(8000,", "LoadShapeImages(100,"),
        ("LoadShapeImages(1000,", "LoadShapeImages(50,"),
        ("MaxEpoch = 5", "MaxEpoch = 1"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Shorten(string text) =>
        Shorter.Aggregate(text, (shorter, change) => shorter.Replace(change.From, change.To, StringComparison.Ordinal));

    [Fact]
    public async Task It_trains_shows_its_progress_saves_loads_and_predicts()
    {
        var blocks = Document.Named("README.md").Blocks.Where(block => block.Language == "csharp").Take(2).ToArray();
        var text = string.Join('\n', blocks.SelectMany(block => block.Lines));
        Assert.All(Shorter, change => Assert.Contains(change.From, text, StringComparison.Ordinal));

        var program = Path.Combine(_folder.Path, "Program.dll");
        DocumentProgram.Write(program, blocks, Shorten);

        using var process = FreshProcess.StartIn(_folder.Path, FreshProcess.ProgramVerb, program);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await error);

        Assert.Contains("\repoch 1/1", output, StringComparison.Ordinal);
        Assert.Contains(", validation 0.", output, StringComparison.Ordinal);
        Assert.Contains("\naccuracy on new images: 0.", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "shapes.zip")));
        // Five labels, separated by commas.
        Assert.Equal(5, output.TrimEnd().Split('\n')[^1].Split(", ").Length);
    }
}
