using System.Text.Json;
using System.Text.RegularExpressions;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

/// <summary>msvit takes an ONNX model where it takes a saved one to predict.</summary>
public sealed partial class OnnxModelCommandTests(TrainedPhotos photos, TrainedRecordings recordings)
    : IClassFixture<TrainedPhotos>, IClassFixture<TrainedRecordings>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Predict_and_evaluate_say_what_they_say_of_the_saved_model()
    {
        AssertSame(photos.Model, photos.Photos);
        AssertSame(recordings.Model, recordings.Recordings);

        void AssertSame(string model, string data)
        {
            var onnx = Export(model);
            var (saved, exported) = (Json("predict", "--model", model, data, "--json"), Json("predict", "--model", onnx, data, "--json"));
            Assert.NotEmpty(saved);
            Assert.Equal(saved.Select(Label), exported.Select(Label));
            Assert.All(saved.Zip(exported), pair => Assert.Equal(Probability(pair.First), Probability(pair.Second), 1e-4));
            var (before, after) = (Json("evaluate", "--model", model, "--data", data, "--json").Single(),
                Json("evaluate", "--model", onnx, "--data", data, "--json").Single());
            Assert.Equal(before.GetProperty("accuracy").GetDouble(), after.GetProperty("accuracy").GetDouble());
            Assert.Equal(before.GetProperty("logLoss").GetDouble(), after.GetProperty("logLoss").GetDouble(), 1e-3);
            Assert.Equal(before.GetProperty("count").GetInt32(), after.GetProperty("count").GetInt32());
        }

        static (string?, string?) Label(JsonElement line) => (line.GetProperty("file").GetString(), line.GetProperty("label").GetString());

        static double Probability(JsonElement line) => line.GetProperty("probability").GetDouble();
    }

    [Fact]
    public void An_export_in_eight_bits_says_what_it_costs()
    {
        var path = Path.Combine(_folder.Path, "eight.onnx");
        var (code, _, error) = Cli.Run("export", "--model", photos.Model, "--calibrate", photos.Photos, "--output", path);
        Assert.True(code == 0, error);
        var line = Loss().Match(error);
        Assert.True(line.Success, error);
        var own = Json("evaluate", "--model", photos.Model, "--data", photos.Photos, "--json").Single();
        var eight = Json("evaluate", "--model", path, "--data", photos.Photos, "--json").Single();
        Assert.Equal($"{own.GetProperty("accuracy").GetDouble():0.0000}", line.Groups["own"].Value);
        Assert.Equal($"{eight.GetProperty("accuracy").GetDouble():0.0000}", line.Groups["eight"].Value);

        var other = Cli.Run(
            "export", "--model", photos.Model, "--calibrate", "shapes:40", "--data", photos.Photos, "--output", path);
        Assert.True(other.Code == 0, other.Error);
        Assert.True(Loss().IsMatch(other.Error), other.Error);
        var unknown = Cli.Run("export", "--model", photos.Model, "--calibrate", "shapes:40", "--output", path);
        Assert.True(unknown.Code == 0, unknown.Error);
        Assert.Contains("The loss of accuracy is not known", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(2, Cli.Run("export", "--model", photos.Model, "--data", photos.Photos, "--output", path).Code);
    }

    [Fact]
    public void Export_with_insight_writes_it_and_only_into_ONNX()
    {
        var path = Path.Combine(_folder.Path, "insight.onnx");
        var (code, _, error) = Cli.Run("export", "--model", photos.Model, "--insight", "--output", path);
        Assert.True(code == 0, error);
        Assert.True(new OnnxModel(File.ReadAllBytes(path), path).HasInsight);
        var other = Cli.Run("export", "--model", photos.Model, "--insight", "--output", Path.Combine(_folder.Path, "x.safetensors"));
        Assert.Equal(2, other.Code);
        Assert.Contains("--insight is for ONNX", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_ONNX_model_cannot_do_is_refused_in_one_line()
    {
        var onnx = Export(photos.Model);
        foreach (var (code, words) in new (int, string[])[]
        {
            (1, ["analyze", "--model", onnx, "--data", photos.Photos]),
            (1, ["evaluate", "--model", onnx, "--data", photos.Photos, "--report", Path.Combine(_folder.Path, "report.html")]),
            (1, ["export", "--model", onnx, "--output", Path.Combine(_folder.Path, "x.safetensors")]),
            (2, ["predict", "--model", onnx, photos.Photos, "--device", "cuda"]),
        })
        {
            var refused = Cli.Run(words);
            Assert.Equal((code, 1), (refused.Code, refused.Error.Count(letter => letter == '\n')));
            Assert.Contains("is an ONNX model", refused.Error, StringComparison.Ordinal);
        }
        Assert.Contains("MsVitTransformer", Cli.Run("info", onnx).Output, StringComparison.Ordinal);
        var garbage = Cli.Run("predict", "--model", _folder.Write("notes.onnx", "Remember the milk."u8.ToArray()), photos.Photos);
        Assert.Equal((1, 1), (garbage.Code, garbage.Error.Count(letter => letter == '\n')));
    }

    [GeneratedRegex(@"^Accuracy on 24 images of .*: (?<own>\d\.\d{4}) in the model's own precision, (?<eight>\d\.\d{4}) in eight bits ",
        RegexOptions.Multiline)]
    private static partial Regex Loss();

    private string Export(string model)
    {
        var path = Path.Combine(_folder.Path, Path.ChangeExtension(Path.GetFileName(model), ".onnx"));
        var (code, _, error) = Cli.Run("export", "--model", model, "--output", path);
        Assert.True(code == 0, error);
        return path;
    }

    private static JsonElement[] Json(params string[] words)
    {
        var (code, output, error) = Cli.Run(words);
        Assert.True(code == 0, error);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
