using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;
using MsVit.Tests.Hosting;
using MsVit.Tests.Interop.Onnx;
using MsVit.Tests.Interop.PyTorch;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

public sealed class ExchangeCommandTests(ServedDots dots) : IClassFixture<ServedDots>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_model_leaves_as_weights_and_comes_back_the_same()
    {
        var weights = Path.Combine(_folder.Path, "dots.safetensors");
        var (code, _, error) = Cli.Run("export", "--model", dots.First, "--format", "Safetensors", "--output", weights);
        Assert.True(code == 0, error);
        var back = Path.Combine(_folder.Path, "back.zip");
        Assert.Equal(0, Cli.Run("import", "--weights", weights, "--output", back).Code);
        var names = JsonDocument.Parse(Cli.Run("info", back, "--json").Output).RootElement.GetProperty("labels").GetString()!.Split(", ");
        var photos = Labeled(names);
        Assert.Equal(1, JsonDocument.Parse(Cli.Run("evaluate", "--model", back, "--data", photos,
            "--json").Output).RootElement.GetProperty("accuracy").GetDouble());
        var image = _folder.Write("p.png", dots.Images[0]);
        var before = JsonDocument.Parse(Cli.Run("predict", "--model", dots.First, image, "--json").Output).RootElement;
        var after = JsonDocument.Parse(Cli.Run("predict", "--model", back, image, "--json").Output).RootElement;
        Assert.True(JsonElement.DeepEquals(before, after), $"{before} {after}");
    }

    [Fact]
    public void A_model_leaves_as_ONNX()
    {
        var onnx = Path.Combine(_folder.Path, "dots.onnx");
        var (code, _, error) = Cli.Run("export", "--model", dots.First, "--output", onnx);
        Assert.True(code == 0, error);
        using var session = OnnxCase.Session(File.ReadAllBytes(onnx));
        Assert.Equal(["PredictedLabel", "Score"], session.OutputNames.Order());

        var eight = Path.Combine(_folder.Path, "eight.onnx");
        var calibrated = Cli.Run("export", "--model", dots.First, "--calibrate", "shapes:40", "--output", eight);
        Assert.True(calibrated.Code == 0, calibrated.Error);
        Assert.InRange(new FileInfo(eight).Length, 0, new FileInfo(onnx).Length - 1);

        var names = JsonDocument.Parse(Cli.Run("info", dots.First, "--json").Output).RootElement.GetProperty("labels")
            .GetString()!.Split(", ");
        var compared = Cli.Run("compare", onnx, eight, "--model", dots.First, "--data", Labeled(names), "--repeats", "2", "--json");
        Assert.True(compared.Code == 0, compared.Error);
        var lines = compared.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal([onnx, eight], lines.Select(line => line.GetProperty("file").GetString()));
        // The labels are what the model itself says.
        Assert.Equal(1, lines[0].GetProperty("accuracy").GetDouble());
        Assert.Equal(lines[1].GetProperty("accuracy").GetDouble(), lines[1].GetProperty("sameClass").GetDouble());
        Assert.All(lines, line => Assert.Equal(dots.Images.Count, line.GetProperty("count").GetInt32()));
        var none = Cli.Run("compare", dots.First, "--model", dots.First, "--data", Labeled(names));
        Assert.Equal((1, 1), (none.Code, none.Error.Count(letter => letter == '\n')));
    }

    [Fact]
    public void A_model_has_a_card()
    {
        var card = Path.Combine(_folder.Path, "dots.md");
        var (code, _, error) = Cli.Run("export", "--model", dots.First, "--format", "Card", "--output", card);
        Assert.True(code == 0, error);
        Assert.Contains("| classes | 3: ", File.ReadAllText(card), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_the_reference_becomes_a_model_with_labels()
    {
        using var golden = new GoldenCase("committed/cifar10_d32");
        var config = GoldenVariants.Config(golden.Json, MLNet.ProjectionCoupling.PerSample);
        var checkpoint = _folder.Write("reference.pth", TorchFile.Of(
            golden.Under("state/").Where(pair => !ReferenceNames.IsUnused(pair.Key)).ToDictionary(), "model"));
        var labels = _folder.Write("labels.txt", System.Text.Encoding.UTF8.GetBytes(
            string.Join('\n', Enumerable.Range(0, config.Classes).Select(i => $"class {i}"))));
        var model = Path.Combine(_folder.Path, "reference.zip");
        string[] import = ["import", "--weights", checkpoint, "--preset", "cifar10-4-384", "--output", model, "--labels", labels,
            "--set", $"EmbedDim={config.EmbedDim}", $"TimeSteps={config.TimeSteps}", $"Height={config.Height}", $"Width={config.Width}",
                $"NumHeads={config.NumHeads}",
            $"Depths={string.Join(',', config.Depths)}", $"MlpRatio={config.MlpRatio}"];
        var (code, _, error) = Cli.Run(import);
        Assert.True(code == 0, error);
        var info = JsonDocument.Parse(Cli.Run("info", model, "--json").Output).RootElement;
        Assert.StartsWith("class 0, class 1", info.GetProperty("labels").GetString(), StringComparison.Ordinal);
        var predicted = Cli.Run("predict", "--model", model, _folder.Write("p.png", dots.Images[0]));
        Assert.True(predicted.Code == 0, predicted.Error);
        Assert.Contains("class ", predicted.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_is_one_line()
    {
        var output = Path.Combine(_folder.Path, "x.zip");
        var missing = Cli.Run("import", "--weights", "none.pth", "--output", output);
        Assert.Equal((2, 1), (missing.Code, missing.Error.Count(letter => letter == '\n')));
        var preset = Cli.Run("import", "--weights", dots.First, "--preset", "nothing", "--output", output);
        Assert.Equal((2, 1), (preset.Code, preset.Error.Count(letter => letter == '\n')));
        var model = Cli.Run("import", "--weights", dots.First, "--preset", "tiny-32", "--output", output);
        Assert.Equal((1, 1), (model.Code, model.Error.Count(letter => letter == '\n')));
        Assert.Contains("data.pkl", model.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    public void Dispose() => _folder.Dispose();

    // The images in folders of the class that the model gives them.
    private string Labeled(string[] names)
    {
        foreach (var (i, image) in dots.Images.Index())
        {
            _folder.Write($"photos/{names[Array.IndexOf(dots.Expected[i], dots.Expected[i].Max())]}/{i}.png", image);
        }
        return Path.Combine(_folder.Path, "photos");
    }
}
