using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Tests.Trainer.Bench;
using MsVit.Trainer.Bench;
using static TorchSharp.torch;

namespace MsVit.Tests.Training;

[Collection(AloneTests.Name)]
public sealed class MeasuredMemoryTests
{
    private const int Side = 32;

    // The real peak of a step above what lay in memory before it, as the benchmark measures it: the middle one of three, since the
    // runtime takes memory and gives it back meanwhile.
    [NeedsPeakMemoryTheory]
    [InlineData("laptop-32", 16, false)]
    [InlineData("laptop-32", 64, false)]
    [InlineData("laptop-32", 64, true)]
    [InlineData("cifar10-4-384", 2, false)]
    [InlineData("cifar10-4-384", 4, false)]
    [InlineData("cifar10-4-384", 4, true)]
    [InlineData("laptop-32", 64, false, NeuronKind.IntegerLif, 1)]
    [InlineData("cifar10-4-384", 4, false, NeuronKind.IntegerLif, 2)]
    public void A_real_step_takes_what_was_estimated_within_a_third(
        string preset, int batch, bool recompute, NeuronKind neuron = NeuronKind.Lif, int? steps = null)
    {
        var config = MsVitConfig.Preset(preset);
        // Attention norms and a surrogate that only composed neurons have change little on the CPU with integer neurons.
        config = neuron == NeuronKind.Lif ? config : config with
        {
            Neuron = neuron,
            TimeSteps = steps ?? config.TimeSteps,
            AttentionNorm = true,
            Surrogate = Surrogate.Of(SurrogateFunction.Erf),
        };
        var recipe = new TrainingRecipe { BatchSize = batch, RecomputeActivations = recompute };
        var estimate = MemoryEstimate.Of(config, recipe);
        using var network = new MsVitNetwork(config);
        network.train();
        using var store = DrawnImages.Store(batch, Side);
        var samples = SampleSet.All(store, DrawnImages.Shape(Side));
        using var step = new TrainingStep(network, recipe, new(DrawnImages.Normalization, CPU, Seed: 1));
        using var images = new BatchLoader(samples, batch, null, seed: 1, workers: 1).Epoch(0).Single();

        var peak = Enumerable.Range(0, 3).Select(_ => PeakMemory.Of(Step)!.Value).Order().ElementAt(1);
        Assert.InRange((double)(estimate.Activations + estimate.Gradients) / peak, 0.75, 1.33);

        void Step()
        {
            step.Run(images, number: 0, rate: 1e-9);
            // The gradients of the step before would count as what lay in memory before.
            foreach (var parameter in network.parameters())
            {
                parameter.grad = null;
            }
        }
    }
}
