using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The network that learns: the given one, or a twin that sees fewer frames and hands its weights over.</summary>
/// <remarks>Weights do not depend on the number of time steps, but for GLIF's, whose neurons have parameters a time step.</remarks>
internal sealed class TrainedNetwork : IDisposable
{
    private readonly MsVitNetwork _network;
    private readonly nn.Module[] _frozen;

    /// <param name="network">What is trained in the end; the caller's.</param>
    /// <param name="recipe">With the frames that are seen in training, and the stages that stay as they are.</param>
    /// <param name="device">Where the network lies.</param>
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

    /// <summary>What learns.</summary>
    public MsVitNetwork Network { get; }

    /// <summary>Says what does not fit together, if anything.</summary>
    public static string? Fault(MsVitConfig config, int timeSteps) =>
        timeSteps == 0 ? null
        : config.Input != InputKind.Frames ? "Recipe.Frames.TrainTimeSteps is for a network that takes frames; this one takes still images."
        : timeSteps > config.TimeSteps ? $"Recipe.Frames.TrainTimeSteps is {timeSteps}; the network has {config.TimeSteps} time steps."
        : timeSteps < config.TimeSteps && config.Neuron == NeuronKind.Glif ? "Recipe.Frames.TrainTimeSteps needs neurons other than GLIF, which have parameters for each time step."
        : null;

    /// <summary>Puts the network into training mode, but for the frozen stages: their statistics stay.</summary>
    public void BeginEpoch()
    {
        Network.train();
        foreach (var part in _frozen)
        {
            part.eval();
        }
    }

    /// <summary>Gives the network the weights and statistics as they are now.</summary>
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

    // Counted from the input, with the embeddings before them.
    private static nn.Module[] Stages(MsVitNetwork network, int count)
    {
        var names = Enumerable.Range(1, count).SelectMany(stage => (string[])[$"patch_embed{stage}", $"stage{stage}"]).ToHashSet(StringComparer.Ordinal);
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
