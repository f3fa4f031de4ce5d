using MsVit.MLNet;
using SkiaSharp;

namespace MsVit.Trainer.Bench;

/// <summary>Shuffled batches of 64 images of 224 x 224 out of a store, half of which lies in a file, without a network.</summary>
internal static class StoreBenchmark
{
    private const int BatchSize = 64;

    /// <summary>Kept as the network takes them.</summary>
    public static BenchmarkRow Decoded(string name, BenchmarkSettings settings)
    {
        var (count, _, wanted) = Sizes(settings);
        var shape = DrawnImages.Shape(wanted);
        var planar = DrawnImages.Planar(count, wanted);
        using var store = Store(Enumerable.Range(0, count).Select(
            i => (ReadOnlyMemory<byte>)planar.AsMemory(i * shape.Bytes, shape.Bytes)).ToArray());
        return Run(name, settings, new DecodedSamples(store, shape));
    }

    /// <summary>Kept as JPEG files of 512 x 512, decoded and fitted on the workers.</summary>
    public static BenchmarkRow Encoded(string name, BenchmarkSettings settings)
    {
        var (count, stored, wanted) = Sizes(settings);
        using var store = Store(DrawnImages.Encoded(count, stored, SKEncodedImageFormat.Jpeg).Select(file => (ReadOnlyMemory<byte>)file)
            .ToArray());
        return Run(name, settings, new EncodedSamples(store, 0, DrawnImages.Shape(wanted), BenchmarkModel.Input(wanted)));
    }

    private static (int Count, int Stored, int Wanted) Sizes(BenchmarkSettings settings) =>
        settings.Quick ? (4, 64, 32) : (4 * BatchSize, 512, 224);

    private static SampleStore Store(IReadOnlyList<ReadOnlyMemory<byte>> samples)
    {
        var store = new SampleStore(samples.Sum(sample => (long)sample.Length) / 2, Path.Combine(Path.GetTempPath(), "msvit"));
        foreach (var (i, sample) in samples.Index())
        {
            store.Add(sample.Span, ShapeImages.Label(i));
        }
        store.Seal();
        return store;
    }

    private static BenchmarkRow Run(string name, BenchmarkSettings settings, ISampleSource source)
    {
        // An augmentation that changes nothing, so that the order is that of training.
        var loader = new BatchLoader(SampleSet.All(source), BatchSize, new PaddedCropFlip(0, Flip: false), seed: 1,
            Environment.ProcessorCount);
        var times = Measurement.Of(settings, Epoch);
        return new() { Name = name, Median = source.Count / times.Seconds(0), Unit = "images/s" };

        void Epoch()
        {
            foreach (var batch in loader.Epoch(1))
            {
                batch.Dispose();
            }
        }
    }
}
