using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.Tests.Golden;

/// <summary>Each of our own paths that only some float32 training steps take on the CPU is taken by a committed case.</summary>
public sealed class FastPathTests
{
    private const string Winograds = "Winograd's convolution", WinogradsBeforeAPool = "Winograd's convolution before a pool";
    private const string SingleTokens = "convolution of single tokens", ThreeTokens = "convolution of three tokens";
    private const string SinglePixels = "convolution of single pixels";
    private const string Pool = "pool", NormAndLif = "norm and LIF", NormAndPlif = "norm and PLIF", Heads = "products of heads";

    [Theory]
    [InlineData(Winograds, "dvs128_d64", 1)]
    [InlineData(Winograds, "imagenet_d48", 4)]
    [InlineData(WinogradsBeforeAPool, "dvs128_d64", 1)]
    [InlineData(WinogradsBeforeAPool, "cifar10_d32", 1)]
    [InlineData(WinogradsBeforeAPool, "dvs128_d32", 8)]
    [InlineData(SingleTokens, "cifar10_d32", 1)]
    [InlineData(ThreeTokens, "cifar10_d32", 1)]
    [InlineData(SinglePixels, "cifar10_d32", 4)]
    [InlineData(Pool, "imagenet_d48", 1)]
    [InlineData(NormAndLif, "cifar10_d32", 1)]
    [InlineData(NormAndPlif, "cifar10_plif_d32", 1)]
    [InlineData(Heads, "cifar10_d32", 4)]
    [InlineData(Heads, "dvs128_d32", 8)]
    [InlineData(Heads, "spikformer_cifar10_d32", 2)]
    public void A_recorded_training_step_takes_it(string path, string name, int times)
    {
        var label = "committed/" + name;
        Assert.Contains(GoldenVariants.Cases, recorded => recorded.Label == label);
        Assert.True(times == 1 || WidenedGoldenTests.Widened.Contains((label, times)), $"{name} is not widened {times} times");
        using var golden = new GoldenCase(label);
        using var scope = NewDisposeScope();
        using var network = times == 1 ? RecordedNetwork.Create(golden, ProjectionCoupling.Batch) : DeadChannels.Create(golden, times, CPU);
        Assert.Contains(path, Paths(network, GoldenVariants.Input(golden)));
    }

    private static HashSet<string> Paths(MsVitNetwork network, Tensor input)
    {
        network.train();
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        var (paths, inputs) = (new HashSet<string>(), new Dictionary<string, long[]>());
        network.Forward(input, new NetworkObserver { Convolving = (name, x) => inputs.Add(name, x.shape), Fired = AddPaths });
        return paths;

        void AddPaths(string neurons, Tensor spikes)
        {
            var layer = neurons[..neurons.LastIndexOf('_')];
            if (!inputs.TryGetValue(layer + "_conv", out var shape))
            {
                return;
            }
            var (conv, neuron) = ((Conv)modules[layer + "_conv"], (ILifLayer)modules[neurons]);
            var x = empty(shape, dtype: spikes.dtype);
            x = x.dim() > conv.Weight.dim() ? x.flatten(0, 1) : x;
            var pools = conv.KeepsSize && spikes.shape[^1] < shape[^1];
            paths.UnionWith(OfConvolution(conv, x, pools));
            AddIf(pools && HalvingPool.Covers(x), Pool);
            AddIf(!pools && FusedNormLif.Covers(x, (BatchNorm)modules[layer + "_bn"], neuron), neuron.W is null ? NormAndLif : NormAndPlif);
            AddIf(layer.EndsWith("ssa.q", StringComparison.Ordinal) && !layer.EndsWith("tssa.q", StringComparison.Ordinal)
                && HeadProducts.Covers(conv.Weight.shape[0], network.Config.NumHeads, shape[^1]), Heads);
        }

        void AddIf(bool isTaken, string path) => paths.UnionWith(isTaken ? [path] : []);
    }

    private static IEnumerable<string> OfConvolution(Conv conv, Tensor x, bool pools)
    {
        if (!conv.KeepsSize)
        {
            return [];
        }
        if (conv.Bias is null && Winograd.Covers(x, conv.Weight))
        {
            return pools ? [Winograds, WinogradsBeforeAPool] : [Winograds];
        }
        return !RowConvolution.Covers(x, conv.Weight) ? []
            : x.dim() == 4 ? [SinglePixels]
            : conv.Weight.shape[2] == 3 ? [ThreeTokens]
            : [SingleTokens];
    }
}
