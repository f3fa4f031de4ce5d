using System.Text.RegularExpressions;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Trainer;

/// <summary>What remains of a run whose end fails.</summary>
public sealed partial class UnsavedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_report_that_cannot_be_written_loses_neither_the_model_nor_the_checkpoints()
    {
        var (model, report) = (Path.Combine(_folder.Path, "m.zip"), Path.Combine(_folder.Path, "report"));
        _folder.Write("report/occupied", []);
        var error = Assert.Throws<InvalidDataException>(() => Run(model, report));
        Assert.Contains($"The model {model} is complete and saved; what failed is its evaluation or report: ", error.Message,
            StringComparison.Ordinal);
        using var loaded = (IDisposable)_ml.Model.Load(model, out _);
        Assert.NotEmpty(Directory.EnumerateFiles(model + ".run", "step-*.json"));
        Assert.Equal(0, Run(model, Path.Combine(_folder.Path, "r.html")).Code);
        Assert.False(Directory.Exists(model + ".run"));
    }

    [Fact]
    public void A_model_that_cannot_be_written_where_it_should_be_is_saved_in_the_temporary_folder()
    {
        // With the suffix of a temporary name, longer than any file system takes.
        var model = Path.Combine(_folder.Path, new string('m', 240));
        var error = Assert.Throws<IOException>(() => Run(model, report: null));
        Assert.Contains("could not be written", error.Message, StringComparison.Ordinal);
        Assert.Contains("To try again: msvit train --resume", error.Message, StringComparison.Ordinal);
        var rescued = Elsewhere().Match(error.Message).Groups[1].Value;
        using (var loaded = (IDisposable)_ml.Model.Load(rescued, out _))
        {
            Assert.NotNull(loaded);
        }
        File.Delete(rescued);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(_folder.Path, "run"), "step-*.json"));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [OwnDiskFact]
    public void On_a_full_disk_the_last_checkpoint_stays_the_model_is_saved_elsewhere_and_the_run_can_be_resumed()
    {
        using var child = OwnDiskFactAttribute.Start(_folder.Path, mebibytes: 4, FreshProcess.FullDiskCommandVerb);
        var errors = child.StandardError.ReadToEndAsync();
        var lines = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, errors.Result);
        var all = string.Join('\n', lines);
        var failure = Assert.Single(lines, line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("Training continues. The last good checkpoint is that of step ",
            StringComparison.Ordinal));
        File.Delete(Elsewhere().Match(failure).Groups[1].Value);
        Assert.Equal(["code 1", "code 0"], lines.Where(line => line.StartsWith("code ", StringComparison.Ordinal)));
        var files = lines.Where(line => line.StartsWith("files ", StringComparison.Ordinal)).ToArray();
        Assert.Matches(@"m\.zip\.run/step-\d+\.json m\.zip\.run/step-\d+\.safetensors", files[0]);
        Assert.DoesNotContain(".tmp", files[0], StringComparison.Ordinal);
        Assert.DoesNotContain(".lock", files[0], StringComparison.Ordinal);
        Assert.True(files[1] == "files m.zip", all);
    }

    private (int Code, string Error) Run(string model, string? report)
    {
        using var folder = RunFolder.Claim(model.Length < 200 ? model + ".run" : Path.Combine(_folder.Path, "run"));
        using var error = new StringWriter();
        var code = new TrainRun(_ml, new()
        {
            Train = new OpenedData(DataFormat.Shapes, _ml.Data.LoadShapeImages(40, seed: 1), "shapes:40"),
            Options = new MsVitOptions
            {
                Network = MsVitConfig.Preset("tiny-32") with { EmbedDim = 32, TimeSteps = 1, Depths = [1, 1] },
                Recipe = new() { MaxEpoch = 1 },
                Seed = 1,
                Device = "cpu",
            },
            Output = model,
            Report = report,
            ResumeCommand = "msvit train --resume",
        }, folder, TextWriter.Null, error).Run();
        return (code, error.ToString());
    }

    [GeneratedRegex(@"The model is saved as (\S+) instead")]
    private static partial Regex Elsewhere();
}
