using System.Text.Json;
using Microsoft.ML;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

public sealed class AnalyzeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_figures_are_those_of_the_library_and_the_tables_are_written()
    {
        var (model, energy, neurons) = (File("m.zip"), File("energy.csv"), File("neurons.csv"));
        var trained = Cli.Run("train", "--data", "shapes:40:1", "--epochs", "1", "--output", model, "--preset", "tiny-32", "--set",
            "EmbedDim=32", "--set", "Depths=1,1", "--device", "cpu");
        Assert.True(trained.Code == 0, trained.Error);
        var (code, output, error) = Cli.Run("analyze", "--model", model, "--data", "shapes:30:2", "--energy-csv", energy, "--neurons-csv",
            neurons, "--json");
        Assert.True(code == 0, error);
        var found = JsonDocument.Parse(output).RootElement;

        var ml = new MLContext(seed: 1);
        var loaded = ml.Model.LoadMsVit(model, out _);
        using var disposable = (IDisposable)loaded;
        var expected = ml.MulticlassClassification.EstimateMsVitEnergy(loaded, ml.Data.LoadShapeImages(30, seed: 2));
        Assert.Equal("samples unreadable parameters firingRate synapticOperations joules joulesByValue annJoules timeSteps earlyExit",
            Cli.Fields(output));
        Assert.Equal((30, expected.Parameters), (found.GetProperty("samples").GetInt32(), found.GetProperty("parameters").GetInt64()));
        Assert.Equal(expected.Joules, found.GetProperty("joules").GetDouble(), 1e-12);
        Assert.Equal(["timeSteps", "accuracy", "joules", "joulesByValue"],
            found.GetProperty("timeSteps")[1].EnumerateObject().Select(value => value.Name));
        Assert.Equal(["threshold", "accuracy", "meanTimeSteps", "joules"],
            found.GetProperty("earlyExit")[0].EnumerateObject().Select(value => value.Name));
        Assert.Equal(expected.Joules, found.GetProperty("timeSteps")[1].GetProperty("joules").GetDouble(), 1e-12);
        Assert.All(new[] { energy, neurons }, file => Assert.True(System.IO.File.ReadAllLines(file).Length > 5));
        var text = Cli.Run("analyze", "--model", model, "--data", "shapes:30:2").Output;
        Assert.Contains("firing rate", text, StringComparison.Ordinal);
        Assert.Contains("exiting once the likeliest class exceeds 0.99: accuracy", text, StringComparison.Ordinal);
        Assert.Equal(2, Cli.Run("analyze", "--model", model, "--data", "shapes:30:2", "--max-time-steps", "65").Code);
        var image = _folder.Write("notes.png", "no image"u8.ToArray());
        Assert.Contains(image, Cli.Run("predict", "--model", model, image).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_the_model_does_not_know_are_left_out_and_counted_or_refused()
    {
        var model = File("m.zip");
        var trained = Cli.Run("train", "--data", "shapes:9:1", "--epochs", "1", "--validation-fraction", "0", "--output", model,
            "--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "Depths=1,1", "--device", "cpu");
        Assert.True(trained.Code == 0, trained.Error);
        var figures = JsonDocument.Parse(Cli.Run("evaluate", "--model", model, "--data", "shapes:40", "--json").Output).RootElement;
        // Of ten in a row the first nine are nine classes.
        Assert.Equal((36, 4), (figures.GetProperty("count").GetInt32(), figures.GetProperty("unknownLabels").GetInt32()));
    }

    private string File(string name) => Path.Combine(_folder.Path, name);
}
