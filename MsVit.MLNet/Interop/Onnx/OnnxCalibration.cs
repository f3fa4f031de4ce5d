using MsVit.MLNet.Network;
using MsVit.MLNet.Network.Blocks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Interop.Onnx;

/// <summary>Finds how large the currents behind each convolution are, for the scale in which eight bits hold them.</summary>
/// <remarks>
/// A scale is the largest absolute current, or where a few stand far out, what all but one in a thousand do not exceed: a current that large fires its
/// neuron, or silences it, at any size.
/// </remarks>
internal sealed class OnnxCalibration : IDisposable
{
    private const double Share = 0.999;

    // A quantile is taken of so many currents of a batch at most.
    private const int Most = 1 << 18;

    private readonly Dictionary<string, FoldedConv> _folds;
    private readonly FoldedNetwork _folded;
    private readonly Dictionary<string, float> _ranges = [];

    /// <param name="network">In evaluation mode.</param>
    public OnnxCalibration(MsVitNetwork network)
    {
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        _folds = modules.Where(item => item.Value is Conv)
            .ToDictionary(item => item.Key, item => new FoldedConv((Conv)item.Value, (BatchNorm)modules[SpikingConv.NormOf(item.Key)]));
        _folded = network.Folded();
    }

    /// <summary>The range of each convolution's output by its name, over all batches.</summary>
    public IReadOnlyDictionary<string, float> Ranges => _ranges;

    /// <summary>Looks at a batch, as the network takes it.</summary>
    public void Observe(Tensor input)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        _folded.Forward(input, new NetworkObserver
        {
            Convolving = (name, x) =>
            {
                using var inner = NewDisposeScope();
                // A still image comes without time, before its one convolution.
                var flat = x.dim() == _folds[name].Weight.dim() ? x : x.flatten(0, 1);
                var sizes = _folds[name].Forward(flat).abs().flatten();
                var stride = Math.Max(1, sizes.numel() / Most);
                var range = (float)sizes.slice(0, 0, sizes.numel(), stride).sort().Values[(long)(Share * ((sizes.numel() - 1) / stride))].item<float>();
                _ranges[name] = Math.Max(_ranges.GetValueOrDefault(name), range);
            },
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folded.Dispose();
        foreach (var fold in _folds.Values)
        {
            fold.Dispose();
        }
    }
}
