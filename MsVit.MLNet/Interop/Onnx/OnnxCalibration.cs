using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Finds between what the currents behind each convolution lie, for the scale and the zero in which eight bits hold them.</summary>
/// <remarks>
/// A range leaves out one current in five hundred on either side, batch by batch, and is the widest of all batches: a current that far out
/// fires its neuron, or silences it, at any size.
/// </remarks>
internal sealed class OnnxCalibration : IDisposable
{
    private const double LeftOut = 1.0 / 500;

    // A quantile is taken of so many currents of a batch at most.
    private const int Most = 1 << 18;

    private readonly Dictionary<string, FoldedConv> _folds;
    private readonly FoldedNetwork _folded;
    private readonly Dictionary<string, CurrentRange> _ranges = [];

    /// <param name="network">In evaluation mode.</param>
    public OnnxCalibration(MsVitNetwork network)
    {
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        _folds = modules.Where(item => item.Value is Conv)
            .ToDictionary(item => item.Key, item => new FoldedConv((Conv)item.Value, (BatchNorm)modules[SpikingConv.NormOf(item.Key)]));
        _folded = network.Folded();
    }

    /// <summary>The range of each convolution's output by its name, over all batches.</summary>
    public IReadOnlyDictionary<string, CurrentRange> Ranges => _ranges;

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
                var currents = _folds[name].Forward(flat).flatten();
                var sorted = currents.slice(0, 0, currents.numel(), Math.Max(1, currents.numel() / Most)).sort().Values;
                var outside = (long)(LeftOut * sorted.numel());
                var range = new CurrentRange(sorted[outside].item<float>(), sorted[sorted.numel() - 1 - outside].item<float>());
                _ranges[name] = _ranges.TryGetValue(name, out var known) ? known.Join(range) : range;
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
