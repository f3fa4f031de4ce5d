using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Scoring;

/// <summary>An ONNX model needs ONNX Runtime, and nothing of torch.</summary>
public sealed class OnnxAloneTests(ServedDots dots) : IClassFixture<ServedDots>, IDisposable
{
    // The beginnings of the names of torch's native libraries.
    private static readonly string[] Torch = ["libtorch", "libc10", "libLibTorchSharp"];

    private readonly TemporaryFolder _folder = new();

    [LinuxFact("links to files, without a privilege")]
    public void An_application_without_native_torch_predicts_and_serves_without_loading_TorchSharp()
    {
        using var application = new OnnxAlone(Torch);
        var model = Export(new() { Insight = true });
        var (code, output, error) = application.Run(FreshProcess.OnnxVerb, model, _folder.Write("dot.png", dots.Images[0]));
        Assert.True(code == 0, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Equal($"0 of torch, {NetworkPlan.Of(DotTask.Network).LevelsByNeurons.Count} layers seen", lines[2]);
        foreach (var line in lines.Where((_, i) => i != 2))
        {
            float[] scores = [.. line.Split(' ').Select(word => float.Parse(word, CultureInfo.InvariantCulture))];
            Assert.All(dots.Expected[0].Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [LinuxFact("links to files, without a privilege")]
    public void The_command_line_predicts_and_evaluates_without_them()
    {
        using var application = new OnnxAlone(Torch);
        var (model, image) = (Export(), _folder.Write("photos/top/dot.png", dots.Images[0]));
        var (code, output, error) = application.Run(FreshProcess.CliVerb, "predict", "--model", model, image, "--json");
        Assert.True(code == 0, error);
        Assert.Equal(dots.Expected[0].Max(), JsonDocument.Parse(output).RootElement.GetProperty("probability").GetSingle(), 1e-4f);
        var evaluated = application.Run(FreshProcess.CliVerb, "evaluate", "--model", model, "--data", "shapes:4");
        Assert.Contains("is a class of the model", evaluated.Error, StringComparison.Ordinal);
    }

    [LinuxFact("links to files, without a privilege")]
    public void Without_ONNX_Runtime_the_error_names_the_package_to_add()
    {
        using var application = new OnnxAlone("libonnxruntime", "onnxruntime");
        var (code, _, error) = application.Run(FreshProcess.OnnxVerb, Export(), _folder.Write("dot.png", dots.Images[0]));
        Assert.NotEqual(0, code);
        Assert.Contains("dotnet add package Microsoft.ML.OnnxRuntime --version 1.", error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Export(OnnxExportOptions? options = null)
    {
        var ml = new MLContext();
        var model = ml.Model.Load(dots.First, out _);
        using var owned = (IDisposable)model;
        var path = Path.Combine(_folder.Path, "dots.onnx");
        ml.Model.SaveMsVitOnnx(model, path, options);
        return path;
    }
}
