using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Analysis;

/// <summary>A model's network, folded as for scoring, with another number of time steps if requested.</summary>
/// <remarks>
/// Weights do not depend on T. Neurons are causal, and in evaluation mode everything else (batch norms, pools, both attentions) treats each
/// time step alone. So the first t features of a run over T steps equal those of a run over t steps.
/// </remarks>
internal sealed class AnalyzedNetwork : IDisposable
{
    private const string Conductances = ".conduct";

    private readonly MsVitNetwork? _twin;
    private readonly FoldedNetwork _folded;
    private readonly Tensor _headWeight, _headBias;

    /// <param name="network">The trained network, in evaluation mode; the caller owns it.</param>
    /// <param name="timeSteps">T of the run.</param>
    /// <param name="precision">The precision of spikes and currents.</param>
    /// <param name="device">The device that the network is on.</param>
    /// <exception cref="ArgumentException">The network cannot run that many time steps.</exception>
    public AnalyzedNetwork(MsVitNetwork network, int timeSteps, Precision precision, Device device)
    {
        var config = network.Config;
        if (config.ProjectionCoupling == ProjectionCoupling.Batch)
        {
            throw new ArgumentException(
                "ProjectionCoupling.Batch makes the samples of a batch influence each other: "
                + "the firing rate and the energy of one sample are undefined.");
        }
        if (timeSteps > config.TimeSteps && (config.Input == InputKind.Frames || config.Neuron == NeuronKind.Glif))
        {
            throw new ArgumentException(
                $"MaxTimeSteps is {timeSteps}; the network has {config.TimeSteps} and cannot run more: "
                + (config.Input == InputKind.Frames
                    ? "that is how many frames it reads."
                    : "its GLIF neurons have parameters for each time step."));
        }
        if (timeSteps != config.TimeSteps)
        {
            _twin = Twin(network, timeSteps, device);
        }
        _folded = (_twin ?? network).Folded(precision);
        (_headWeight, _headBias) = (network.get_parameter("head.weight")!, network.get_parameter("head.bias")!);
    }

    /// <summary>The model's network with some number of time steps, in the precision that the model scores in.</summary>
    public static AnalyzedNetwork Of(MsVitModel model, int timeSteps) => new(
        model.Network, timeSteps, model.Card.Precision.WhereFast(model.Device), model.Device);

    /// <summary>Runs it.</summary>
    public Tensor Forward(Tensor input, NetworkObserver observer) => _folded.Forward(input, observer);

    /// <summary>Features [T, B, C] to the probabilities [T, B, classes] of runs over 1, 2, ..., T steps.</summary>
    public Tensor Probabilities(Tensor features)
    {
        using var scope = NewDisposeScope();
        float[] counts = [.. Enumerable.Range(1, (int)features.shape[0])];
        var steps = tensor(counts, device: features.device).view(-1, 1, 1);
        return scope.MoveToOuter(nn.functional.linear(features.cumsum(0) / steps, _headWeight, _headBias).softmax(2));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folded.Dispose();
        _twin?.Dispose();
    }

    private static MsVitNetwork Twin(MsVitNetwork network, int timeSteps, Device device)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var twin = new MsVitNetwork(network.Config with { TimeSteps = timeSteps });
        _ = twin.to(device);
        var source = network.state_dict();
        foreach (var (name, value) in twin.state_dict())
        {
            value.copy_(name.EndsWith(Conductances, StringComparison.Ordinal) ? source[name].slice(0, 0, timeSteps, 1) : source[name]);
        }
        twin.eval();
        return twin;
    }
}
