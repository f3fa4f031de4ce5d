using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>Training steps of laptop-32 with 64 images, augmented by the workers meanwhile; bounded by the same steps on samples
/// augmented before.</summary>
internal static class AugmentedTrainingBenchmark
{
    private const string Preset = "laptop-32";

    // The paper's recipe for CIFAR, with everything on: every batch is mixed.
    private static readonly ImageRecipe Cifar = new()
    {
        CropPadding = 0,
        RandAugment = RandAugment.Parse("rand-m9-n1-mstd0.4-inc1"),
        Erasing = new(),
        Mixing = new(),
    };

    public static BenchmarkRow Run(string name, BenchmarkSettings settings)
    {
        const int Ours = 0, Prepared = 1;
        var (batch, steps) = settings.Quick ? (2, 2) : (64, 12);
        using var network = BenchmarkNetwork.Warm(BenchmarkNetwork.Config(Preset, settings));
        var shape = DrawnImages.Shape(network.Config.Height);
        using var store = DrawnImages.Store(batch * steps, network.Config.Height);
        // The rate leaves the weights where they are: every run is the same work.
        var plain = new TrainingRecipe
        {
            MaxEpoch = 1,
            BatchSize = batch,
            LearningRate = 1e-9,
            MinLearningRate = 0,
            WarmupEpochs = 0,
            Images = new() { CropPadding = 0, HorizontalFlip = false },
        };
        var recipe = plain with { Images = Cifar };
        var augmented = Settings(SampleSet.All(store, shape));
        using var preparedStore = Augmented(augmented, recipe);

        var waited = 0.0;
        var times = Measurement.Of(
            settings,
            () => new TrainingLoop(network, recipe, augmented with { Report = report => waited = report.LoaderWaitShare }).Run(),
            () => new TrainingLoop(network, plain, Settings(SampleSet.All(preparedStore, shape))).Run());
        return new()
        {
            Name = name,
            Median = 1000 * times.Seconds(Ours) / steps,
            Unit = "ms",
            ShareOfPeak = times.Ratio(Prepared, Ours),
            Figures = new SortedDictionary<string, double> { ["loader_wait_share"] = waited },
        };
    }

    private static TrainingSettings Settings(SampleSet train) => new()
    {
        Train = train,
        Validation = train with { Indices = [] },
        Normalization = DrawnImages.Normalization,
        Device = CPU,
        Seed = 1,
        Workers = Math.Max(1, Environment.ProcessorCount - 1),
    };

    // Every sample as the workers would make it in the first epoch, in the place of the one it is made of.
    private static SampleStore Augmented(TrainingSettings settings, TrainingRecipe recipe)
    {
        var source = settings.Train.Source;
        var samples = new byte[source.Count][];
        var augmentation = BatchLoader.Augmentation(recipe, source.Shape, settings.Normalization);
        foreach (var batch in new BatchLoader(SampleSet.All(new Numbered(source)), recipe.BatchSize, augmentation, settings.Seed,
            settings.Workers).Epoch(1))
        {
            using (batch)
            {
                for (var i = 0; i < batch.Count; i++)
                {
                    samples[batch.Labels[i]] = batch.Sample(i).ToArray();
                }
            }
        }
        var store = new SampleStore(source.Shape.Bytes, (long)source.Count * source.Shape.Bytes, Path.GetTempPath());
        foreach (var (i, sample) in samples.Index())
        {
            store.Add(sample, source.Label(i));
        }
        store.Seal();
        return store;
    }

    /// <summary>Samples labeled by their numbers.</summary>
    private sealed class Numbered(ISampleSource samples) : ISampleSource
    {
        public int Count => samples.Count;

        public SampleShape Shape => samples.Shape;

        public int Label(int sample) => sample;

        public void Write(int sample, Span<byte> target, ref RandomStream random) => samples.Write(sample, target, ref random);
    }
}
