using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Trainer;

/// <summary>Under which name a model is saved, and what happens if it cannot be.</summary>
public sealed class ModelFileTests(TrainedDots dots) : IClassFixture<TrainedDots>, IDisposable
{
    private static readonly string[] Tiny = ["--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1",
        "--device", "cpu", "--epochs", "1"];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("shapes:2000:1", DataFormat.Shapes, "shapes-laptop-32.zip")]
    [InlineData("shapes", DataFormat.Shapes, "shapes-laptop-32.zip")]
    [InlineData("photos", DataFormat.Folder, "photos-laptop-32.zip")]
    [InlineData("photos/", DataFormat.Folder, "photos-laptop-32.zip")]
    [InlineData("photos/train", DataFormat.Folder, "photos-laptop-32.zip")]
    [InlineData("photos/Training/", DataFormat.Folder, "photos-laptop-32.zip")]
    [InlineData("/data/my photos (2026)", DataFormat.Folder, "my-photos--2026-laptop-32.zip")]
    [InlineData("/data/Vögel", DataFormat.Folder, "Vögel-laptop-32.zip")]
    [InlineData("/", DataFormat.Folder, "model-laptop-32.zip")]
    [InlineData("..", DataFormat.Folder, null)]
    public void The_default_name_tells_the_data_and_the_network(string data, object format, string? expected)
    {
        var name = ModelName.Of(data, (DataFormat)format, MsVitConfig.Preset("laptop-32"));
        Assert.Equal(expected ?? $"{Path.GetFileName(Path.GetFullPath(".."))}-laptop-32.zip", name);
    }

    [Fact]
    public void A_list_gives_its_name_without_the_ending()
    {
        var list = _folder.Write("gestures.csv", []);
        Assert.Equal("gestures-laptop-dvs.zip", ModelName.Of(list, DataFormat.Events, MsVitConfig.Preset("laptop-dvs")));
    }

    [Fact]
    public void A_finished_model_is_replaced_only_with_force()
    {
        var model = _folder.Write("m.zip", [1, 2, 3]);
        string[] train = ["train", "--data", "shapes:40", "--output", model, .. Tiny];
        var (code, output, error) = Cli.Run(train);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("m.zip exists: add --force to replace it, or choose another --output.", error, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(model));
        Assert.False(Directory.Exists(model + ".run"));

        var forced = Cli.Run([.. train, "--force"]);
        Assert.True(forced.Code == 0, forced.Error);
        Assert.True(new FileInfo(model).Length > 3);
        Assert.Equal(2, Cli.Run(train).Code);
    }

    [LinuxFact("signals")]
    public void A_resumed_run_replaces_the_model_that_it_saved_when_it_was_interrupted_and_no_other()
    {
        var model = Path.Combine(_folder.Path, "m.zip");
        string[] train = ["train", "--data", "shapes:60", "--validation-fraction", "0", "--output", model, .. Tiny[..^2]];
        using var process = FreshProcess.Start([FreshProcess.CliVerb, .. train, "--epochs", "8"]);
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("epoch", StringComparison.Ordinal))
        {
        }
        FreshProcess.Terminate(process);
        var rest = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 130, rest);
        var saved = File.ReadAllBytes(model);
        File.WriteAllBytes(model, [9, 9]);
        Assert.Contains("exists: add --force", Cli.Run([.. train, "--epochs", "8", "--resume"]).Error, StringComparison.Ordinal);
        Assert.Equal([9, 9], File.ReadAllBytes(model));
        File.Delete(model);
        var resumed = Cli.Run([.. train, "--epochs", "8", "--resume"]);
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.NotEqual(saved, File.ReadAllBytes(model));
    }

    [Theory]
    [InlineData("m.onnx")]
    [InlineData("m.safetensors")]
    [InlineData("m.pth")]
    [InlineData("report.HTML")]
    [InlineData("epochs.csv")]
    [InlineData("sweep.db")]
    public void A_model_is_not_saved_under_the_ending_of_another_kind_of_file(string name)
    {
        var (code, _, error) = Cli.Run(["train", "--data", "shapes:40", "--output", Path.Combine(_folder.Path, name), .. Tiny]);
        Assert.Equal(2, code);
        Assert.Contains("what is saved is a model for ML.NET: use .zip", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_report_does_not_replace_a_model()
    {
        var model = Path.Combine(_folder.Path, "m.zip");
        ModelFile.Save(_ml, dots.Model, dots.Train.Schema, model);
        var before = File.ReadAllBytes(model);
        foreach (var words in new string[][]
        {
            ["train", "--data", "shapes:40", "--output", Path.Combine(_folder.Path, "n.zip"), "--report", model, .. Tiny],
            ["evaluate", "--model", model, "--data", "shapes:40", "--report", model],
            ["export", "--model", model, "--format", "Onnx", "--output", model],
            ["sweep", "--data", "shapes:40", "--store", Path.Combine(_folder.Path, "s.db"), "--report", model],
        })
        {
            Assert.Contains("is a saved model, which this would replace", Cli.Run(words).Error, StringComparison.Ordinal);
        }
        Assert.Equal(before, File.ReadAllBytes(model));
    }

    [Fact]
    public void An_imported_model_replaces_another_only_with_force()
    {
        var (weights, model) = (Path.Combine(_folder.Path, "w.safetensors"), _folder.Write("m.zip", [1]));
        dots.Model.FindMsVit().SaveWeights(weights);
        Assert.Contains("exists: add --force", Cli.Run("import", "--weights", weights, "--output", model).Error, StringComparison.Ordinal);
        Assert.Equal([1], File.ReadAllBytes(model));
        Assert.Equal(0, Cli.Run("import", "--weights", weights, "--output", model, "--force").Code);
    }

    [Fact]
    public void A_model_that_cannot_be_renamed_keeps_its_temporary_name_and_is_whole()
    {
        // A folder that is not empty cannot be replaced by a file.
        _folder.Write("m.zip/x", []);
        var error = Assert.Throws<FileNotReplacedException>(
            () => ModelFile.Save(_ml, dots.Model, dots.Train.Schema, Path.Combine(_folder.Path, "m.zip")));
        var kept = Assert.Single(Directory.EnumerateFiles(_folder.Path, "*.tmp"));
        Assert.Contains($"The new file is complete in {kept}", error.Message, StringComparison.Ordinal);
        using var loaded = (IDisposable)_ml.Model.Load(kept, out _);
    }

    [Fact]
    public void A_model_that_cannot_be_written_leaves_nothing_and_the_file_before_it_stays()
    {
        var model = _folder.Write("m.zip", [7]);
        Assert.Throws<DirectoryNotFoundException>(
            () => ModelFile.Save(_ml, dots.Model, dots.Train.Schema, Path.Combine(_folder.Path, "gone", "m.zip")));
        Assert.Equal([model], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_disk_with_room_for_no_checkpoint_is_refused_and_one_with_little_is_named()
    {
        var (network, recipe) = (MsVitConfig.Preset("laptop-32"), new TrainingRecipe());
        Assert.Null(DiskSpace.Warning(network, recipe, "/data", 1L << 40));
        var weights = MemoryEstimate.Of(network, recipe).Parameters;
        Assert.Contains("The disk of /data has", DiskSpace.Warning(network, recipe, "/data", 16 * weights), StringComparison.Ordinal);
        Assert.Contains("Free some space", Assert.Throws<IOException>(() => DiskSpace.Warning(network, recipe, "/data", weights)).Message,
            StringComparison.Ordinal);
        Assert.Null(DiskSpace.Warning(network, recipe, "/data", 26 * weights));
        Assert.NotNull(DiskSpace.Warning(network, recipe with { WeightAverageDecay = 0.9 }, "/data", 26 * weights));
        Assert.InRange(DiskSpace.Free(_folder.Path), 1, long.MaxValue);
    }
}
