using MsVit.MLNet;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.Tests.Network;

/// <summary>
/// A network of integer neurons on hardware that knows single spikes only: a time step is D virtual steps, and a neuron that fires s spikes
/// is 1 in the first s of them.
/// </summary>
/// <remarks>
/// Whatever layers pass on is a list of trains: tensors [T * B, C, H, W] of 0 and 1, one for each virtual step of each neuron layer that
/// a residual connection adds up. It follows the plan of the network with torch's plain operations.
/// </remarks>
/// <param name="network">In evaluation mode.</param>
internal sealed class UnrolledNetwork(MsVitNetwork network)
{
    private readonly NetworkPlan _plan = NetworkPlan.Of(network.Config);
    private readonly MsVitConfig _config = network.Config;
    private readonly Dictionary<string, nn.Module> _modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
    private readonly Dictionary<string, Tensor[]> _trains = [];

    /// <summary>The sums that neurons or a batch norm before them receive, by the name of the neurons: [T * B, C, H, W].</summary>
    public Dictionary<string, Tensor> Currents { get; } = [];

    /// <summary>The spikes of each layer of neurons, by its name: [T * B, C, H, W].</summary>
    public Dictionary<string, Tensor> Spikes { get; } = [];

    /// <summary>The trains that convolutions and attention have read.</summary>
    public List<Tensor> Read { get; } = [];

    /// <summary>Normalized images [B, C, H, W] to logits.</summary>
    public Tensor Forward(Tensor image)
    {
        foreach (var layer in _plan.Layers.Where(layer => layer.Kind is not (LayerKind.TokenMean or LayerKind.Linear)))
        {
            var trains = layer.Kind == LayerKind.TokenMask ? Masked(layer) : Fire(layer, layer.Kind switch
            {
                LayerKind.TokenScores => Scores(layer),
                LayerKind.HeadProducts => Products(layer),
                _ => Convolve(layer, image),
            });
            _trains[layer.Name] = layer.Residual is { } residual ? [.. trains, .. _trains[residual.Name]] : trains;
        }
        var features = Sum(_trains[_plan.Layers[^2].Input.Name]).mean([2, 3]).unflatten(0, _config.TimeSteps, -1).mean([0]);
        var head = network.state_dict();
        return nn.functional.linear(features, head["head.weight"], head["head.bias"]);
    }

    private Tensor[] Trains(PlannedLayer layer, int input = 0)
    {
        var trains = _trains[layer.Inputs[input].Name];
        Read.AddRange(trains);
        return trains;
    }

    // The bias comes once, as a current of its own.
    private Tensor Convolve(PlannedLayer layer, Tensor image)
    {
        using var folded = new FoldedConv((Conv)_modules[layer.Conv], (BatchNorm)_modules[SpikingConv.NormOf(layer.Conv)]);
        var current = layer.Input.Kind == ActivationKind.Pixels
            ? Convolved(image).repeat(_config.TimeSteps, 1, 1, 1)
            : Trains(layer).Select(Convolved).Aggregate((sum, next) => sum + next);
        return current + folded.Bias.reshape(1, -1, 1, 1);

        Tensor Convolved(Tensor x) => layer.Kind == LayerKind.TokenConvolution
            ? nn.functional.conv1d(x.flatten(2), folded.Weight, padding: layer.Kernel / 2).reshape(Shape(layer.Output))
            : nn.functional.conv2d(
                x, folded.Weight, strides: [layer.Stride, layer.Stride], padding: [layer.Kernel / 2, layer.Kernel / 2]);
    }

    private Tensor Scores(PlannedLayer layer)
    {
        var sums = layer.Inputs.Select((_, i) =>
        {
            var isWhole = i == 1 && _config.ScaleBranch == ScaleBranch.Broadcast;
            return Sum([.. Trains(layer, i).Select(train => isWhole ? Heads(layer, train) : Heads(layer, train).sum(2, keepdim: true))]);
        });
        return sums.Aggregate((sum, next) => sum + next).flatten(1, 2).reshape(Shape(layer.Output));
    }

    // The mask stays the same over the virtual steps.
    private Tensor[] Masked(PlannedLayer layer)
    {
        var mask = Trains(layer, 1).Single();
        var heads = mask.reshape(mask.shape[0], layer.Heads, -1, layer.Input.Tokens);
        return [.. Trains(layer).Select(train => (Heads(layer, train) * heads).reshape(train.shape))];
    }

    // k^T v is a sum over the virtual steps of v; q and k stay the same over them.
    private Tensor Products(PlannedLayer layer)
    {
        var (q, k) = (Heads(layer, Trains(layer).Single()), Heads(layer, Trains(layer, 1).Single()));
        var vk = Sum([.. Trains(layer, 2).Select(train => Heads(layer, train).matmul(k.transpose(-1, -2)))]);
        return (vk.matmul(q) * (float)_config.AttentionScale).reshape(Shape(layer.Output));
    }

    private Tensor[] Fire(PlannedLayer layer, Tensor current)
    {
        Currents.Add(layer.Neurons!, current);
        var x = layer.Part == LayerPart.Attention && _config.AttentionNorm ? Normed(layer, current) : current;
        x = layer.Pool == PoolOrder.BeforeNeurons ? Pool(x) : x;
        var steps = new List<Tensor>();
        var v = zeros_like(x.chunk(_config.TimeSteps)[0]);
        foreach (var step in x.chunk(_config.TimeSteps))
        {
            var h = (v * (float)(1 - 1 / _config.Tau)) + step;
            steps.Add(h.clamp(0, layer.Levels).round());
            v = h - steps[^1];
        }
        var spikes = Spikes[layer.Neurons!] = cat(steps);
        var trains = Enumerable.Range(0, layer.Levels).Select(d => spikes.gt(d).to(float32));
        // The largest of some counts is 1 in as many virtual steps.
        return [.. layer.Pool == PoolOrder.AfterNeurons ? trains.Select(Pool) : trains];
    }

    private Tensor Normed(PlannedLayer layer, Tensor x)
    {
        using var folded = new FoldedNorm((BatchNorm)_modules[$"{layer.Module}.attn_bn"]);
        return (x * tensor(folded.Affine.Scale).reshape(-1, 1, 1)) + tensor(folded.Affine.Shift).reshape(-1, 1, 1);
    }

    private static Tensor Pool(Tensor x) => nn.functional.max_pool2d(x, 3, 2, 1);

    private static Tensor Sum(Tensor[] trains) => trains.Aggregate((sum, next) => sum + next);

    private static Tensor Heads(PlannedLayer layer, Tensor x) => x.reshape(x.shape[0], layer.Heads, -1, layer.Input.Tokens);

    private static long[] Shape(Activation x) => [-1, x.Channels, x.Height, x.Width];
}
