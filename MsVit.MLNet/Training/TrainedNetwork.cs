using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The network that learns: the given one, or a copy that sees fewer frames and hands its weights over.</summary>
/// <remarks>
/// Weights do not depend on the number of time steps, except with GLIF neurons, which have parameters for each time step.
/// </remarks>
internal sealed class TrainedNetwork : IDisposable
{
    private readonly MsVitNetwork _network;
    private readonly nn.Module[] _frozen;

    /// <param name="network">The network to train. The caller owns it.</param>
    /// <param name="recipe">Has the number of training frames and of frozen stages.</param>
    /// <param name="device">The network's device.</param>
    public TrainedNetwork(MsVitNetwork network, TrainingRecipe recipe, Device device)
    {
        _network = network;
        Network = network;
        var timeSteps = recipe.Frames.TrainTimeSteps;
        if (timeSteps > 0 && timeSteps < network.Config.TimeSteps)
        {
            Network = new MsVitNetwork(network.Config with { TimeSteps = timeSteps });
            _ = Network.to(device);
            Copy(network, Network);
        }
        _frozen = Stages(Network, recipe.FrozenStages);
        foreach (var parameter in _frozen.SelectMany(part => part.parameters()))
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>The network that learns.</summary>
    public MsVitNetwork Network { get; }

    /// <summary>Why a network cannot be trained with a number of frames; null if it can.</summary>
    public static string? Fault(MsVitConfig config, int timeSteps) =>
        timeSteps == 0 ? null
        : config.Input != InputKind.Frames ? "Recipe.Frames.TrainTimeSteps is for a network that takes frames; this one takes images."
        : timeSteps > config.TimeSteps
            ? $"Recipe.Frames.TrainTimeSteps is {timeSteps}; the network has {Counted.Of(config.TimeSteps, "time step")}."
        : timeSteps < config.TimeSteps && config.Neuron == NeuronKind.Glif
            ? "Recipe.Frames.TrainTimeSteps cannot be used with GLIF neurons, which have parameters for each time step."
        : null;

    /// <summary>Puts the network into training mode, except for the frozen stages, whose statistics must not change.</summary>
    public void BeginEpoch()
    {
        Network.train();
        foreach (var part in _frozen)
        {
            part.eval();
        }
    }

    /// <summary>Copies the present weights and statistics to the given network.</summary>
    public void HandOver()
    {
        if (Network != _network)
        {
            Copy(Network, _network);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Network != _network)
        {
            Network.Dispose();
        }
    }

    // The first stages, with the embeddings before them.
    private static nn.Module[] Stages(MsVitNetwork network, int count)
    {
        var names = Enumerable.Range(1, count)
            .SelectMany(stage => (string[])[$"patch_embed{stage}", $"stage{stage}"])
            .ToHashSet(StringComparer.Ordinal);
        return [.. network.named_children().Where(child => names.Contains(child.name)).Select(child => child.module)];
    }

    private static void Copy(MsVitNetwork from, MsVitNetwork to)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var source = from.state_dict();
        foreach (var (name, value) in to.state_dict())
        {
            value.copy_(source[name]);
        }
    }
}
