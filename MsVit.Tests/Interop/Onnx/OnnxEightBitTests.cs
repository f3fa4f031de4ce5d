using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Interop.Onnx;

public sealed class OnnxEightBitTests(TrainedDots dots) : IClassFixture<TrainedDots>, IDisposable
{
    private const int Rows = 150;

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void In_eight_bits_the_file_is_smaller_and_nearly_all_predictions_are_the_same()
    {
        var (whole, eight) = (Path.Combine(_folder.Path, "whole.onnx"), Path.Combine(_folder.Path, "eight.onnx"));
        Trained.SaveAsOnnx(whole);
        Trained.SaveAsOnnx(eight, new() { EightBitCalibration = dots.Train });
        Assert.InRange(new FileInfo(eight).Length, 0, new FileInfo(whole).Length - 1);

        var pixels = DotTask.Rows(Rows, seed: 11).SelectMany(row => row.Image).ToArray();
        var (first, second) = (Predict(whole, pixels), Predict(eight, pixels));
        Assert.InRange(first.Zip(second).Count(pair => pair.First == pair.Second), Rows * 9 / 10, Rows);
    }

    [PythonModuleFact("onnx")]
    public void The_model_passes_the_ONNX_checker()
    {
        var path = Path.Combine(_folder.Path, "eight.onnx");
        Trained.SaveAsOnnx(path, new() { EightBitCalibration = dots.Train, CalibrationRows = 10 });
        PythonModuleFactAttribute.Run($"import onnx; m = onnx.load('{path}'); onnx.checker.check_model(m, full_check=True); assert "
            + $"any(n.op_type == 'QLinearConv' for n in m.graph.node)");
    }

    [Fact]
    public void Without_rows_there_is_no_calibration_and_no_file()
    {
        var none = _ml.Data.LoadFromEnumerable(Array.Empty<DotRow>());
        var e = Assert.Throws<ArgumentException>(() => Trained.SaveAsOnnx(
            Path.Combine(_folder.Path, "x.onnx"), new() { EightBitCalibration = none }));
        Assert.Contains("calibration", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private MsVitTransformer Trained => ((IEnumerable<ITransformer>)dots.Model).OfType<MsVitTransformer>().Single();

    private static string[] Predict(string path, float[] pixels)
    {
        using var session = OnnxCase.Session(File.ReadAllBytes(path));
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(
            "Image", new DenseTensor<float>(pixels, [Rows, 3, DotTask.Size, DotTask.Size]))]);
        return results.Single(result => result.Name == "PredictedLabel").AsTensor<string>().ToArray();
    }
}
