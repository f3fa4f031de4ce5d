using MsVit.MLNet;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Distributed;

/// <summary>When the backward pass is back at a layer, the gradients behind it are there, and those before it are not.</summary>
public sealed class BackwardMarkTests
{
    [Theory]
    [InlineData("Lif", false)]
    [InlineData("Plif", false)]
    [InlineData("Glif", false)]
    [InlineData("Lif", true)]
    public void A_mark_is_reached_when_all_gradients_behind_it_are_there(string neuron, bool recompute)
    {
        using var scope = NewDisposeScope();
        using var network = new MsVitNetwork(DotTask.Network with { Classes = 3, Neuron = Enum.Parse<NeuronKind>(neuron) }, seed: 1);
        network.train();
        var layers = new LayerDecay(network.named_parameters().Select(item => item.name), factor: 1);
        var (reached, seen) = (new List<int>(), new Dictionary<string, Tensor>());
        var context = new ForwardContext
        {
            Recompute = recompute,
            Reached = layer =>
            {
                reached.Add(layer);
                foreach (var (name, parameter) in network.named_parameters())
                {
                    Assert.True(parameter.grad is not null == layers.LayerOf(name) > layer, $"{name} at layer {layer}");
                    if (parameter.grad is { } gradient)
                    {
                        seen.TryAdd(name, gradient.clone().DetachFromDisposeScope());
                    }
                }
            },
        };
        var loss = network.Classify(network.Features(rand(2, 3, DotTask.Size, DotTask.Size), context)).square().sum();
        context.Pass.Backward(loss);
        Assert.Equal(Enumerable.Range(0, layers.Last).Reverse(), reached);
        Assert.NotEmpty(seen);
        Assert.All(network.named_parameters(), item =>
            Assert.True(!seen.TryGetValue(item.name, out var then) || then.equal(item.parameter.grad!).all().item<bool>(), item.name));
        foreach (var tensor in seen.Values)
        {
            tensor.Dispose();
        }
    }
}
