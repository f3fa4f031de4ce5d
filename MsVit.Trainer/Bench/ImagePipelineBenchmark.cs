using MsVit.MLNet;
using SkiaSharp;

namespace MsVit.Trainer.Bench;

/// <summary>JPEG files of 512 x 512 pixels, decoded and brought to 224 x 224 by one thread.</summary>
internal static class ImagePipelineBenchmark
{
    public static BenchmarkRow Run(string name, BenchmarkSettings settings)
    {
        var (images, stored, wanted) = settings.Quick ? (2, 64, 32) : (16, 512, 224);
        var files = DrawnImages.Encoded(images, stored, SKEncodedImageFormat.Jpeg);
        var fitter = new ImageFitter(wanted, wanted, channels: 3);
        var planar = new byte[fitter.Length];
        var times = Measurement.Of(settings, Decode);
        return new() { Name = name, Median = images / times.Seconds(0), Unit = "images/s" };

        void Decode()
        {
            foreach (var file in files)
            {
                fitter.Fit(ImageDecoder.Decode(file, name, fitter), planar);
            }
        }
    }
}
