using System.Runtime.InteropServices;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Interop.Onnx;
using MsVit.Tests.Support;
using MsVit.Trainer.Bench;
using TorchSharp;

namespace MsVit.Tests.Analysis;

/// <summary>An ONNX model that was exported with insight shows what the torch network does.</summary>
public sealed class OnnxInsightTests(TrainedDots dots) : IClassFixture<TrainedDots>, IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Presets => [.. MsVitConfig.Presets.Select(preset => preset.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_small_network_of_each_preset_shows_the_same_in_ONNX_Runtime(string preset) => Compare(MsVitConfig.Preset(preset));

    [Theory]
    [InlineData(NeuronKind.Lif, 1, ScaleBranch.None)]
    [InlineData(NeuronKind.Lif, 3, ScaleBranch.QueryTwice)]
    [InlineData(NeuronKind.Plif, 3, ScaleBranch.Broadcast)]
    [InlineData(NeuronKind.Glif, 3, ScaleBranch.Pointwise)]
    public void So_does_each_neuron_and_each_token_attention(NeuronKind neuron, int timeSteps, ScaleBranch branch) =>
        Compare(MsVitConfig.Preset("tiny-32") with { Neuron = neuron, TimeSteps = timeSteps, ScaleBranch = branch });

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 3)]
    public void So_do_integer_neurons(int timeSteps, int levels) => Compare(MsVitConfig.Preset("tiny-32") with
    {
        Neuron = NeuronKind.IntegerLif,
        TimeSteps = timeSteps,
        Levels = levels,
        AttentionNorm = true,
    });

    [Fact]
    public void In_eight_bits_the_insight_is_that_of_the_scores()
    {
        var path = Path.Combine(_folder.Path, "eight.onnx");
        dots.Model.FindMsVit().SaveAsOnnx(path, new() { EightBitCalibration = dots.Train, Insight = true });
        using var model = new OnnxModel(File.ReadAllBytes(path), path);
        var torch = dots.Model.FindMsVit().Model;
        foreach (var row in DotTask.Rows(6, seed: 21))
        {
            var sample = MemoryMarshal.AsBytes(row.Image.AsSpan()).ToArray();
            var shape = new SampleShape(3, DotTask.Size, DotTask.Size, IsFloat: true);
            var (expected, got) = (SampleInspector.Inspect(torch, sample, shape), SampleInspector.Inspect(model, sample, shape));
            Assert.All(model.Score(sample, shape, 1).Zip(got.Probabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            Assert.Equal(
                expected.Layers.Select(layer => (layer.Name, layer.Neurons, layer.Levels, layer.Raster.Count)),
                got.Layers.Select(layer => (layer.Name, layer.Neurons, layer.Levels, layer.Raster.Count)));
            Assert.Equal(expected.FiringRate, got.FiringRate, 0.1);
            Assert.InRange(got.FiringRate, 0.01, 1);
            Assert.Equal(1, got.Energy.Layers[^2].Input.IntegerShare);
        }
    }

    private void Compare(MsVitConfig preset)
    {
        using var scope = torch.NewDisposeScope();
        using var model = Model(OnnxParityTests.Small(preset));
        var (config, path) = (model.Network.Config, Path.Combine(_folder.Path, "insight.onnx"));
        new MsVitTransformer(_ml, model).SaveAsOnnx(path, new() { Insight = true });
        using var onnx = new OnnxModel(File.ReadAllBytes(path), path);
        var shape = new SampleShape(config.Channels, config.Height, config.Width, IsFloat: config.Input == InputKind.Still)
        {
            TimeSteps = config.Input == InputKind.Frames ? config.TimeSteps : 0,
        };
        // [B, C, H, W], or [T, B, C, H, W]: the first sample.
        var input = OnnxParityTests.Input(config, seed: 7).select(shape.IsFrames ? 1 : 0, 0).contiguous().data<float>().ToArray();
        var sample = shape.IsFloat ? MemoryMarshal.AsBytes(input.AsSpan()).ToArray() : [.. input.Select(count => (byte)count)];

        var (expected, got) = (SampleInspector.Inspect(model, sample, shape), SampleInspector.Inspect(onnx, sample, shape));

        Assert.True(expected.Layers.Count(layer => layer.RatePerStep.Sum() > 0) > expected.Layers.Count / 2, "The network is silent.");
        Assert.Equal(expected.Layers.Select(layer => layer.Name), got.Layers.Select(layer => layer.Name));
        foreach (var (left, right) in expected.Layers.Zip(got.Layers))
        {
            Assert.Equal((left.Neurons, left.Levels), (right.Neurons, right.Levels));
            Assert.Equal(left.RatePerStep, right.RatePerStep);
            Assert.Equal(left.Raster, right.Raster);
        }
        Assert.Equal(expected.Attention.Select(map => (map.Block, map.Height, map.Width)),
            got.Attention.Select(map => (map.Block, map.Height, map.Width)));
        Assert.All(expected.Attention.Zip(got.Attention), pair => AssertClose(pair.First.Rates, pair.Second.Rates, 1e-5f));
        Assert.Equal(config.TimeSteps, got.ProbabilitiesPerStep.Count);
        Assert.All(expected.ProbabilitiesPerStep.Zip(got.ProbabilitiesPerStep), pair => AssertClose(pair.First, pair.Second, 1e-4f));
        AssertClose(onnx.Score(sample, shape, 1), got.Probabilities, 1e-5f);
        Assert.Equal(expected.FiringRate, got.FiringRate);
        AssertSame(expected.Energy, got.Energy);
    }

    private static void AssertSame(EnergyReport expected, EnergyReport got)
    {
        Assert.Equal((expected.TimeSteps, expected.Samples), (got.TimeSteps, got.Samples));
        Assert.Equal(expected.Picojoules, got.Picojoules);
        Assert.Equal(expected.AnnPicojoules, got.AnnPicojoules);
        foreach (var (left, right) in expected.Layers.Zip(got.Layers))
        {
            Assert.Equal(left.Layer, right.Layer);
            if (left.Layer.TakesSpikes)
            {
                Assert.Equal(left.Input, right.Input);
                continue;
            }
            // Pixels and means are rounded.
            Assert.Equal(left.Input.NonZeroShare, right.Input.NonZeroShare);
            Assert.Equal(left.Input.MeanValue, right.Input.MeanValue, 1e-5);
            Assert.Equal(left.Input.Largest, right.Input.Largest, 1e-5);
        }
    }

    private static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> got, float tolerance)
    {
        Assert.Equal(expected.Count, got.Count);
        Assert.All(expected.Zip(got), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    // Its input is normalized already.
    private static MsVitModel Model(MsVitNetwork network)
    {
        var config = network.Config;
        using var other = BenchmarkModel.Create(MsVitConfig.Preset("tiny-32") with { EmbedDim = 16, NumHeads = 2 }, Precision.Float32);
        return new(network, other.Card with
        {
            Network = config,
            Labels = new(config.Classes, "", []),
            Input = other.Card.Input with
            {
                Height = config.Height,
                Width = config.Width,
                Channels = config.Channels,
                Mean = [.. Enumerable.Repeat(0f, config.Channels)],
                Deviation = [.. Enumerable.Repeat(1f, config.Channels)],
                PixelRange = 1,
                TimeSteps = config.Input == InputKind.Frames ? config.TimeSteps : 0,
            },
        }, torch.CPU);
    }
}
