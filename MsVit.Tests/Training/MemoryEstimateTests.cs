using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace MsVit.Tests.Training;

public sealed class MemoryEstimateTests
{
    public static TheoryData<string> Presets => [.. MsVitConfig.Presets.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Presets))]
    public void The_weights_are_those_of_the_network(string preset)
    {
        var network = MsVitConfig.Preset(preset);
        var estimate = MemoryEstimate.Of(network, new() { WeightAverageDecay = 0.99 });
        Assert.Equal(4 * SynapticOperations.Of(network).Parameters, estimate.Parameters);
        Assert.Equal((estimate.Parameters, 2 * estimate.Parameters, 2 * estimate.Parameters),
            (estimate.Gradients, estimate.Optimizer, estimate.Copies));
    }

    [Fact]
    public void Half_the_samples_at_a_time_take_half_the_activations()
    {
        var (network, recipe) = (MsVitConfig.Preset("imagenet-10-512"), TrainingRecipes.Named("imagenet"));
        var (whole, half) = (MemoryEstimate.Of(network, recipe), MemoryEstimate.Of(network, recipe with { MicroBatchSize = 32 }));
        Assert.Equal((64, 32), (whole.MicroBatchSize, half.MicroBatchSize));
        Assert.Equal(0.5, (double)half.Activations / whole.Activations, 3);
        Assert.Equal((32, half.Total), whole.Fitting(network, recipe, half.Total));
        Assert.Equal(0, whole.Fitting(network, recipe, half.Parameters).Samples);
    }

    [Fact]
    public void Sixteen_bits_recomputation_and_fewer_frames_take_less_and_a_gpu_takes_more()
    {
        var network = MsVitConfig.Preset("cifar10-dvs");
        var recipe = TrainingRecipes.Named("cifar10-dvs");
        var plain = MemoryEstimate.Of(network, recipe).Activations;
        Assert.True(MemoryEstimate.Of(network, recipe with { Precision = Precision.BFloat16 }).Activations < plain);
        Assert.True(MemoryEstimate.Of(network, recipe with { RecomputeActivations = true }).Activations < plain);
        Assert.Equal(0.5, (double)MemoryEstimate.Of(network, recipe with { Frames = recipe.Frames with { TrainTimeSteps = 8 } }).Activations / plain, 2);
        Assert.True(MemoryEstimate.Of(network, recipe, gpu: true).Activations > plain);
    }

    [Fact]
    public void Neurons_of_every_kind_take_the_same_on_a_gpu()
    {
        var (network, recipe) = (MsVitConfig.Preset("cifar10-dvs"), TrainingRecipes.Named("cifar10-dvs"));
        Assert.Single(Enum.GetValues<NeuronKind>()
            .Select(neuron => MemoryEstimate.Of(network with { Neuron = neuron }, recipe, gpu: true).Activations).Distinct());
    }

    [Fact]
    public void Its_line_names_the_parts() => Assert.Equal(
        "about 1.0 GiB: activations 1 MiB (32 samples at a time), weights 2 MiB, gradients 2 MiB, optimizer 4 MiB, copies of the weights "
            + "2 MiB, samples 1.0 GiB",
        new MemoryEstimate
        {
            Activations = 1 << 20,
            Parameters = 2 << 20,
            Gradients = 2 << 20,
            Optimizer = 4 << 20,
            Copies = 2 << 20,
            Samples = 1 << 30,
            MicroBatchSize = 32,
        }.ToString());

    [Fact]
    public void What_cannot_be_trained_is_refused() =>
        Assert.Contains("BatchSize is 0", Assert.Throws<ArgumentException>(
            () => MemoryEstimate.Of(new(), new() { BatchSize = 0 })).Message, StringComparison.Ordinal);
}
