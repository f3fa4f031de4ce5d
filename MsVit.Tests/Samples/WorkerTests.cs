using System.Diagnostics;
using System.Text.Json;
using MsVit.Samples.Worker;
using MsVit.Tests.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Samples;

[Trait(LongTests.Trait, LongTests.Long)]
public sealed class WorkerTests(ServedDots dots) : IClassFixture<ServedDots>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Watched => Directory.CreateDirectory(Path.Combine(_folder.Path, "watched")).FullName;

    private string Output => Path.Combine(_folder.Path, "predictions.jsonl");

    private string[] Arguments => ["worker", "--model", dots.First, "--folder", Watched, "--output", Output];

    [Fact]
    public async Task Each_file_is_done_once_and_a_bad_one_has_its_reason()
    {
        Write(0, 6);
        File.WriteAllText(Path.Combine(Watched, "bad.png"), "no image");
        File.WriteAllText(Path.Combine(Watched, "copying.png.part"), "half");
        Assert.Equal(0, await Once());
        var lines = Lines();
        Assert.Equal(["0000.png", "0001.png", "0002.png", "0003.png", "0004.png", "0005.png", "bad.png"],
            lines.Select(line => line.File).Order());
        Assert.All(lines.Where(line => line.File != "bad.png"), line => Assert.Equal(
            dots.Expected[int.Parse(line.File[..4], System.Globalization.CultureInfo.InvariantCulture)].Max(), line.Probability!.Value,
                1e-5f));
        Assert.Contains("Expected a PNG", lines.Single(line => line.File == "bad.png").Error, StringComparison.Ordinal);

        Write(6, 2);
        Assert.Equal(0, await Once());
        Assert.Equal(9, Lines().Count);
        Assert.Equal(9, Lines().Select(line => line.File).Distinct().Count());
    }

    [Fact]
    public async Task A_worker_that_is_killed_and_started_again_loses_and_repeats_nothing()
    {
        const int Kills = 3, Files = 200;
        for (var kills = 0; kills < Kills; kills++)
        {
            // New ones each time: the worker before may have done all of its own by the time it was killed.
            Write(kills * Files, Files);
            using var process = FreshProcess.Start([FreshProcess.SampleVerb, .. Arguments]);
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            var before = File.Exists(Output) ? new FileInfo(Output).Length : 0;
            var waiting = Stopwatch.StartNew();
            while (!process.HasExited && (!File.Exists(Output) || new FileInfo(Output).Length == before))
            {
                Assert.True(waiting.Elapsed < TimeSpan.FromMinutes(2), $"The worker has written nothing of its {Files} new images.");
                await Task.Delay(5);
            }
            process.Kill();
            await process.WaitForExitAsync();
        }
        Assert.Equal(0, await Once());
        Assert.Equal(Enumerable.Range(0, Kills * Files).Select(Name), Lines().Select(line => line.File).Order());
    }

    public void Dispose() => _folder.Dispose();

    private static string Name(int i) => $"{i:0000}.png";

    private void Write(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            File.WriteAllBytes(Path.Combine(Watched, Name(i)), dots.Images[i % dots.Images.Count]);
        }
    }

    private Task<int> Once() => WorkerSample.Command().Parse([.. Arguments[1..], "--once"]).InvokeAsync();

    private List<PredictionLine> Lines() =>
        [.. File.ReadLines(Output).Select(line => JsonSerializer.Deserialize<PredictionLine>(line, JsonSerializerOptions.Web)!)];
}
