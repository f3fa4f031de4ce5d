using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// A network for evaluation, with its batch norms folded into its convolutions: images [B, C, H, W] or frames [T, B, C, H, W] to logits
/// [B, classes].
/// </summary>
/// <remarks>
/// Up to rounding, the logits are those of the network in evaluation mode. Only the folded weights belong to this object; neurons and
/// head stay the network's. Make a new one after training or after moving the network to another device. It is immutable, so any number
/// of threads may call it.
/// </remarks>
internal sealed class FoldedNetwork : IDisposable
{
    private readonly MsVitNetwork _network;
    private readonly Dictionary<nn.Module, FoldedConv> _folds = [];
    private readonly Dictionary<nn.Module, FoldedNorm> _norms = [];
    private readonly ForwardContext _unobserved;

    /// <summary>Folds the weights and statistics as they are now.</summary>
    /// <param name="network">The network to fold.</param>
    /// <param name="precision">The type of spikes and currents. The default is float32.</param>
    /// <param name="pass">
    /// The pass of every forward call, which all of them can share because none has gradients. The default uses our own kernels. With
    /// an eager pass nothing is folded.
    /// </param>
    public FoldedNetwork(MsVitNetwork network, Precision precision = Precision.Float32, Pass? pass = null)
    {
        _network = network;
        pass ??= new();
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        foreach (var (name, module) in modules)
        {
            if (!pass.IsEager && module is Conv conv && modules.GetValueOrDefault(SpikingConv.NormOf(name)) is BatchNorm norm)
            {
                _folds.Add(conv, new FoldedConv(conv, norm, conv == network.PixelConv ? Precision.Float32 : precision));
            }
            else if (!pass.IsEager && module is BatchNorm alone && name.EndsWith(AttentionNeurons.NormName, StringComparison.Ordinal))
            {
                _norms.Add(alone, new FoldedNorm(alone));
            }
        }
        _unobserved = new ForwardContext(network, observer: null) { Pass = pass, Precision = precision, Folds = _folds, Norms = _norms };
    }

    /// <summary>The logits [B, classes], without gradients.</summary>
    public Tensor Forward(Tensor input) => Forward(input, _unobserved);

    /// <summary>The same, observed: the observer sees the names and tensors of the network itself.</summary>
    public Tensor Forward(Tensor input, NetworkObserver observer) => Forward(input, _unobserved.SeenBy(observer));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var fold in _folds.Values)
        {
            fold.Dispose();
        }
        foreach (var norm in _norms.Values)
        {
            norm.Dispose();
        }
    }

    private Tensor Forward(Tensor input, ForwardContext context)
    {
        using var noGrad = no_grad();
        return _network.Forward(input, context);
    }
}
