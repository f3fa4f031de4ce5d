using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>What eight bits cost: the accuracy of an ONNX model beside that of the model that it was exported from.</summary>
internal static class EightBitLoss
{
    // The standard error of an accuracy on so many is below 0.7%.
    private const int MostSamples = 5000;

    /// <summary>Measures both on the same samples.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The trained pipeline.</param>
    /// <param name="exported">The ONNX model.</param>
    /// <param name="open">Opens labeled samples; at most 5,000 of them, drawn at random, are scored.</param>
    /// <returns>One line.</returns>
    public static string Line(MLContext mlContext, ITransformer model, string exported, Func<OpenedData> open)
    {
        try
        {
            var data = open().Limit(mlContext, MostSamples, seed: 1);
            var before = Measured.Of(mlContext, model, data, RankGroup.Alone);
            var onnx = ModelFile.Load(mlContext, exported);
            using var disposable = onnx as IDisposable;
            var after = Measured.Of(mlContext, onnx, data, RankGroup.Alone);
            var (float32, eightBits) = (before.Metrics.MicroAccuracy, after.Metrics.MicroAccuracy);
            return Invariant($"Accuracy on {after.Count} {data.Noun} of {data.Path}: {float32:0.0000} in the model's own precision, ")
                + Invariant($"{eightBits:0.0000} in eight bits ({eightBits - float32:+0.0000;-0.0000;0.0000}).");
        }
        // The export has succeeded.
        catch (Exception e) when (e is InvalidDataException or UsageException)
        {
            return $"The loss of accuracy is not known: {ErrorLine.Sentence(e)} Give labeled samples with --data.";
        }
    }
}
