using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MsVit.Samples.QuickStart;

/// <summary>Draws an image to classify if none is given.</summary>
internal static class DrawnImage
{
    /// <summary>Writes one shape as a PNG into the temporary folder.</summary>
    public static FileInfo Write(MLContext mlContext)
    {
        var drawn = mlContext.Data.CreateEnumerable<Row>(mlContext.Data.LoadShapeImages(10, seed: 3), reuseRowObject: false).Last();
        var path = Path.Combine(Path.GetTempPath(), $"msvit-{drawn.Label}.png");
        drawn.Image.Save(path);
        return new FileInfo(path);
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [ImageType(32, 32)]
        public MLImage Image { get; set; } = null!;
    }
}
