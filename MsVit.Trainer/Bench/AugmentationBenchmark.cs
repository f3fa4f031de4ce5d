using MsVit.MLNet;
using SkiaSharp;

namespace MsVit.Trainer.Bench;

/// <summary>What the published recipes do to images before a training step, by one thread.</summary>
internal static class AugmentationBenchmark
{
    private const int Batch = 64;

    /// <summary>CIFAR: stored images of 32 x 32, flip, RandAugment, mixup of batches of 64, boxes of erasing.</summary>
    public static BenchmarkRow Cifar(string name, BenchmarkSettings settings)
    {
        var images = settings.Quick ? 8 : Batch;
        var shape = DrawnImages.Shape(32);
        var stored = DrawnImages.Planar(images, shape.Height);
        var recipe = new ImageRecipe
        {
            CropPadding = 0,
            RandAugment = RandAugment.Parse("rand-m9-n1-mstd0.4-inc1"),
            Erasing = new(),
            Mixing = new(),
        };
        var augmentation = new ImageAugmentation(recipe, shape, ImageAugmentation.MeanColor(DrawnImages.Normalization));
        var batch = new byte[stored.Length];
        return Measure(name, settings, images, shape, recipe, batch, (int i, Span<byte> sample, ref RandomStream random) =>
            augmentation.Apply(stored.AsSpan(i * shape.Bytes, shape.Bytes), shape, sample, ref random));
    }

    /// <summary>ImageNet: decoded images of 512 x 512, crop resized to 224 x 224, flip, RandAugment, boxes and noise of erasing.</summary>
    public static BenchmarkRow ImageNet(string name, BenchmarkSettings settings)
    {
        var (images, size, wanted) = settings.Quick ? (2, 64, 32) : (16, 512, 224);
        var decoded = DrawnImages.Encoded(images, size, SKEncodedImageFormat.Png).Select(file => ImageDecoder.Decode(file, name)).ToArray();
        var shape = DrawnImages.Shape(wanted);
        var recipe = new ImageRecipe
        {
            RandomResizedCrop = new(),
            RandAugment = RandAugment.Parse("rand-m9-mstd0.5-inc1"),
            Erasing = new() { Mode = ErasingMode.Pixel },
        };
        var augmentation = new ImageAugmentation(recipe, shape, ImageAugmentation.MeanColor(DrawnImages.Normalization));
        return Measure(name, settings, images, shape, recipe, new byte[images * shape.Bytes],
            (int i, Span<byte> sample, ref RandomStream random) =>
            augmentation.Apply(decoded[i], sample, ref random));
    }

    private delegate void Augment(int image, Span<byte> sample, ref RandomStream random);

    private static BenchmarkRow Measure(
        string name, BenchmarkSettings settings, int images, SampleShape shape, ImageRecipe recipe, byte[] batch, Augment augment)
    {
        var eraser = new Eraser(recipe.Erasing!);
        var mixing = new BatchMixing(recipe.Mixing, seed: 1);
        var epoch = 0;
        var times = Measurement.Of(settings, Fill);
        return new() { Name = name, Median = images / times.Seconds(0), Unit = "images/s" };

        void Fill()
        {
            epoch++;
            var erased = new List<ErasedBox>();
            for (var i = 0; i < images; i++)
            {
                var random = RandomStream.For(RandomPurpose.Augmentation, 1, (ulong)epoch, (ulong)i);
                augment(i, batch.AsSpan(i * shape.Bytes, shape.Bytes), ref random);
                eraser.Draw(i, shape, ref random, erased);
            }
            mixing.Draw(epoch, 0, shape).Apply(batch, images, shape);
        }
    }
}
