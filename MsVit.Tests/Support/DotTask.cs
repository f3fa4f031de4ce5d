using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;

namespace MsVit.Tests.Support;

/// <summary>The smallest task that a network can learn: in which third of an 8 x 8 image is the bright dot?</summary>
internal static class DotTask
{
    public const int Size = 8;

    /// <summary>Names a device on which everything that is tried with this task runs instead of the CPU: cuda.</summary>
    public const string DeviceVariable = "MSVIT_TEST_DEVICE";

    public static string Device { get; } = Environment.GetEnvironmentVariable(DeviceVariable) is { Length: > 0 } named ? named : "cpu";

    /// <summary>A network that trains in a second.</summary>
    public static MsVitConfig Network { get; } = MsVitConfig.Preset("tiny-32") with
    {
        Name = "dots",
        Height = Size,
        Width = Size,
        EmbedDim = 16,
        NumHeads = 2,
        StemStride = 1,
        TimeSteps = 2,
    };

    public static TrainingRecipe Recipe { get; } = new()
    {
        MaxEpoch = 6,
        BatchSize = 16,
        LearningRate = 5e-3,
        Images = new() { CropPadding = 0, HorizontalFlip = false }
    };

    public static MsVitOptions Options(Action<MsVitOptions>? change = null)
    {
        var options = new MsVitOptions { Network = Network, Recipe = Recipe, Seed = 1, Device = Device };
        change?.Invoke(options);
        return options;
    }

    /// <summary>Rows with Label (text), Image (pixel vector), Number and Text, which pass through untouched.</summary>
    public static IDataView Data(MLContext mlContext, int count, int seed = 1) => mlContext.Data.LoadFromEnumerable(Rows(count, seed));

    public static DotRow[] Rows(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var pixels = new float[3 * Size * Size];
            for (var k = 0; k < pixels.Length; k++)
            {
                pixels[k] = random.Next(60);
            }
            var third = i % 3;
            var row = Math.Min(Size - 2, third * 3) + random.Next(2);
            var column = random.Next(Size - 1);
            for (var c = 0; c < 3; c++)
            {
                pixels[(c * Size + row) * Size + column] = 255;
                pixels[(c * Size + row) * Size + column + 1] = 255;
            }
            return new DotRow { Label = ((string[])["top", "middle", "bottom"])[third], Image = pixels, Number = i, Text = $"row {i}" };
        })];
    }

    /// <summary>The usual pipeline: key, trainer, value.</summary>
    public static IEstimator<ITransformer> Pipeline(MLContext mlContext, MsVitOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.MsVit(options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("Predicted", options.PredictedLabelColumnName));

    /// <summary>All scores of scored data, row after row.</summary>
    public static float[][] Scores(IDataView scored) => [.. scored.GetColumn<float[]>("Score")];
}

public sealed class DotRow
{
    public string Label { get; set; } = "";

    [VectorType(3, DotTask.Size, DotTask.Size)]
    public float[] Image { get; set; } = [];

    public int Number { get; set; }

    public string Text { get; set; } = "";
}

public sealed class DotPrediction
{
    public string Predicted { get; set; } = "";

    public float[] Score { get; set; } = [];
}
